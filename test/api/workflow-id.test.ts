import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId } from '../../src/api/new-id.ts'
import { workflowId } from '../../src/api/workflow-id.ts'

const run = newId('run')
const idOf = (key: string | null) => workflowId('support', 'default', key, run)

test('a run without a key is named after its id, one with a readable key after the key', () => {
  assert.equal(idOf(null), `support/default/${run}`)
  assert.equal(idOf('order-4711.retry:2'), 'support/default/order-4711.retry:2')
})

test('a key that does not read well is hashed', () => {
  for (const key of ['a/b', '../x', 'x'.repeat(101), '{}'])
    assert.match(idOf(key), /^support\/default\/key-[0-9a-f]{32}$/)
})

test('a key can be mistaken neither for a run id nor for the hash of another key', () => {
  const other = newId('run')
  assert.notEqual(idOf(other), `support/default/${other}`)
  const hashed = idOf('a/b').split('/').at(-1) ?? ''
  assert.notEqual(idOf(hashed), idOf('a/b'))
})

test('two keys never have the same workflow id', () => {
  const key = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' })
  fc.assert(fc.property(key, key, (a, b) => a === b || idOf(a) !== idOf(b)))
})
