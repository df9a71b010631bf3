import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRemaining } from '../../../../src/activities/models/wires/read-remaining.ts'

const read = (headers: Record<string, string>) => readRemaining(new Headers(headers)).remaining

test('what is left is read in either provider’s spelling', () => {
  assert.deepEqual(
    read({ 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-remaining-tokens': ' 149984 ' }),
    { requests: 59, tokens: 149_984 },
  )
  assert.deepEqual(
    read({
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-remaining': '7',
    }),
    { requests: 49, tokens: 0 },
  )
})

test('what is no count says nothing: a gateway may send -1, a text, or a number of any length', () => {
  assert.equal(read({}), undefined)
  for (const value of ['-1', '', 'many', '1.5', '1e9', '9'.repeat(40)])
    assert.equal(read({ 'x-ratelimit-remaining-tokens': value }), undefined, value)
  assert.deepEqual(read({ 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-remaining-requests': '3' }), {
    requests: 3,
  })
})
