import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonPointer } from '../../src/contracts/json-pointer.ts'

test('a JSON pointer names each part, and the whole document with nothing', () => {
  assert.equal(jsonPointer([]), '')
  assert.equal(jsonPointer(['input', 0, 'content']), '/input/0/content')
})

test('a JSON pointer escapes ~ before /, so that two names never give one pointer', () => {
  assert.equal(jsonPointer(['a/b', '~1', '~']), '/a~1b/~01/~0')
})
