import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId } from '../../src/api/new-id.ts'
import { workflowId } from '../../src/api/workflow-id.ts'

const run = newId('run')
const idOf = (key: string | null, principal = 'ann') => workflowId('support', 'default', principal, key, run)

test('a run without a key is named after its id, one with a readable key after its principal and the key', () => {
  assert.equal(idOf(null), `support/default/${run}`)
  assert.equal(idOf('order-4711.retry:2'), 'support/default/ann/order-4711.retry:2')
})

test('a key that does not read well is hashed', () => {
  for (const key of ['a/b', '../x', 'x'.repeat(101), '{}'])
    assert.match(idOf(key), /^support\/default\/ann\/key-[0-9a-f]{32}$/)
})

test('a key can be mistaken neither for a run id nor for the hash of another key', () => {
  const other = newId('run')
  assert.notEqual(idOf(other), `support/default/${other}`)
  const hashed = idOf('a/b').split('/').at(-1) ?? ''
  assert.notEqual(idOf(hashed), idOf('a/b'))
})

test('two keys, or two principals with one key, never have the same workflow id', () => {
  const name = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' })
  const pair = fc.tuple(name, name)
  fc.assert(
    fc.property(pair, pair, ([key, principal], [otherKey, other]) => {
      const isSame = key === otherKey && principal === other
      return isSame || idOf(key, principal) !== idOf(otherKey, other)
    }),
  )
  assert.notEqual(idOf('c', 'a/b'), idOf('b/c', 'a'))
})

test('a new id is neither one from before keys belonged to principals nor that of a sub-agent', () => {
  // Then it was `support/default/<key>`, and its sub-agents' were that with step and place.
  for (const key of ['order-4711', '3.0', 'run', 'x'.repeat(255)]) {
    assert.equal(idOf(key).split('/').length, 4)
    assert.doesNotMatch(idOf(key), /\/\d+\.\d+$/)
  }
})
