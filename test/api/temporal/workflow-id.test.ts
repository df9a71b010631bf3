import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { workflowIds } from '../../../src/api/temporal/workflow-id.ts'
import { newId } from '../../../src/security/new-id.ts'

const run = newId('run')
const idsOf = (key: string | null, principal = 'ann') =>
  workflowIds('support', 'default', principal, key, run)
const usualOf = (key: string | null) => idsOf(key).usual

test('a run without a key is named after its id, one with a readable key after the key', () => {
  assert.equal(usualOf(null), `support/default/${run}`)
  assert.equal(usualOf('order-4711.retry:2'), 'support/default/order-4711.retry:2')
})

test('a key that another principal has used stands below who uses it', () => {
  assert.equal(idsOf('order-4711').own, 'support/default/ann/order-4711')
})

test('a key that does not read well is hashed', () => {
  for (const key of ['a/b', '../x', 'x'.repeat(101), '{}'])
    assert.match(usualOf(key), /^support\/default\/key-[0-9a-f]{32}$/)
})

test('a key can be mistaken neither for a run id nor for the hash of another key', () => {
  const other = newId('run')
  assert.notEqual(usualOf(other), `support/default/${other}`)
  const hashed = usualOf('a/b').split('/').at(-1) ?? ''
  assert.notEqual(usualOf(hashed), usualOf('a/b'))
})

test('two keys never have the same workflow id, and two principals with one key have two', () => {
  const name = fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme-ascii' })
  const pair = fc.tuple(name, name)
  fc.assert(
    fc.property(pair, pair, ([key, principal], [otherKey, other]) => {
      const one = idsOf(key, principal)
      const two = idsOf(otherKey, other)
      if (key !== otherKey && one.usual === two.usual) return false
      const isSame = key === otherKey && principal === other
      return (isSame || one.own !== two.own) && one.own !== two.usual
    }),
  )
  assert.notEqual(idsOf('c', 'a/b').own, idsOf('b/c', 'a').own)
})

test("neither id is one of a sub-agent's, which stands below its parent's with step and place", () => {
  for (const key of ['order-4711', '3.0', 'run', 'x'.repeat(255)])
    for (const id of Object.values(idsOf(key))) assert.doesNotMatch(id, /\/\d+\.\d+$/)
})
