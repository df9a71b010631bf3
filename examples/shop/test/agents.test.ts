import assert from 'node:assert/strict'
import { test } from 'node:test'
import shop from '../app.ts'

test('runs can be started with the assistant, the researcher and the front desk, and with no specialist', () => {
  assert.deepEqual(
    shop.agents.map(({ name }) => name),
    ['assistant', 'research', 'support'],
  )
  for (const { name, purpose } of shop.agents) {
    assert.equal(shop.plan(name)?.agent.name, name)
    assert.ok(purpose.length > 0, name)
  }
  for (const name of ['billing', 'returns', 'technical']) {
    assert.equal(shop.plan(name), null)
    assert.ok(shop.hasAgent(name))
  }
})

test('no other word finds an agent', () => {
  for (const name of ['', 'Support', 'constructor', '__proto__', 'toString']) {
    assert.equal(shop.plan(name), null)
    assert.equal(shop.hasAgent(name), false)
  }
})
