import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sha256 } from '../../src/workflows/state/sha256.ts'

test('the sandbox hashes as Node does, whatever the length and the script', () => {
  const texts = ['', 'abc', 'grüße', '日本語', '😀', 'x'.repeat(65_536)]
  for (let length = 50; length < 130; length += 1) texts.push('é'.repeat(length % 7) + 'a'.repeat(length))
  for (const text of texts) assert.equal(sha256(text), createHash('sha256').update(text).digest('hex'))
})

test('half a surrogate pair is hashed as the character that stands for it everywhere', () => {
  assert.equal(sha256('a\ud83d'), createHash('sha256').update('a\ufffd').digest('hex'))
})
