import assert from 'node:assert/strict'
import { test } from 'node:test'
import shop from '../app.ts'
import { TOOLS } from './shop-context.ts'
import { TEAM } from './team.ts'

test('every tool tells a model what it is for and takes an object with no further members', () => {
  const names = new Set(TEAM.flatMap(({ tools }) => tools.map(({ name }) => name)))
  assert.equal(names.size, 12)
  for (const name of names) {
    const tool = shop.tool(name)
    assert.ok(tool, name)
    assert.ok(tool.description.length > 40, name)
    assert.equal(tool.inputSchema['type'], 'object')
    assert.equal(tool.inputSchema['additionalProperties'], false)
    assert.equal(tool.inputSchema['$schema'], undefined)
  }
})

test('a name that no tool has finds none', () => {
  for (const name of ['', 'GET_ORDER', 'constructor', '__proto__']) assert.equal(shop.tool(name), null)
})

test('what a tool of the run says of whom it leads to is the shop’s own', () => {
  for (const name of ['handoff_to_billing', 'handoff_to_returns', 'handoff_to_technical', 'hand_back']) {
    assert.match(
      shop.tool(name)?.description ?? '',
      /^Gives the conversation .*\. Call it alone, without other calls in the same step\.$/,
    )
  }
})

test('arguments that do not fit are pointed at, and fitting ones are not', () => {
  const { issue_refund, create_return, list_orders } = TOOLS
  const refund = {
    order_number: 'L-20871',
    amount_cents: 12_900,
    currency: 'EUR',
    reason: 'damaged',
    explanation: 'Cracked tank.',
  }
  assert.deepEqual(issue_refund.invalidArguments(refund), [])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, amount_cents: 129.5 }), ['/amount_cents'])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, amount_cents: '12900' }), ['/amount_cents'])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, amount_cents: 0 }), ['/amount_cents'])
  assert.deepEqual(issue_refund.invalidArguments({ ...refund, approved: true }), ['/approved'])
  assert.deepEqual(list_orders.invalidArguments({ principal: 'jonas.weber' }), ['/principal'])
  const items = [{ sku: 'VEL-SCL-01', quantity: 0 }]
  assert.deepEqual(create_return.invalidArguments({ order_number: 'L-1', items, reason: 'faulty' }), [
    '/items/0/quantity',
  ])
})
