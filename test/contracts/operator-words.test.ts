import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usedOf } from '../../src/contracts/operator-words.ts'

test('what is used of a limit is in the unit of the limit', () => {
  assert.equal(usedOf({ limit: 'cost', used: 24_992_150, allowed: 25_000_000 }), '$24.99 of $25.00')
  assert.equal(usedOf({ limit: 'tokens', used: 24_992, allowed: 25_000 }), '24,992 of 25,000')
  assert.equal(usedOf({ limit: 'kill_switch', used: 0, allowed: 0 }), '0 of 0')
  assert.equal(usedOf({}), '? of ?')
})
