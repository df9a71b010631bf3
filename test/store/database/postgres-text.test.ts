import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storableJson, storableText } from '../../../src/store/database/postgres-text.ts'

const CASES: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['a\u0000b', 'a\uFFFDb'],
  ['\u0000\u0000', '\uFFFD\uFFFD'],
  ['\\u0000', '\\u0000'],
  ['\\\u0000', '\\\uFFFD'],
  ['\\\\u0000', '\\\\u0000'],
  ['\uD83D alone', '\uFFFD alone'],
  ['alone \uDE9A', 'alone \uFFFD'],
  ['\uD83D\uD83D\uDE9A', '\uFFFD🚚'],
  ['🚚 \u0001 \u001F', '🚚 \u0001 \u001F'],
]

test('JSON keeps every text but for NUL and halves of surrogate pairs', () => {
  for (const [given, kept] of CASES) {
    assert.deepEqual(JSON.parse(storableJson({ given: [given], [given]: 1 })), { given: [kept], [kept]: 1 })
  }
})

test('a text column keeps everything but NUL and halves of surrogate pairs', () => {
  for (const [given, kept] of CASES) assert.equal(storableText(given), kept)
  assert.equal(storableText('as it is'), 'as it is')
  assert.equal(storableText(null), null)
})
