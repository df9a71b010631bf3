import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredFile } from '../../../src/contracts/files/file.ts'
import {
  fromParts,
  type MessagePart,
  textWithWords,
  toParts,
  withWordsBefore,
} from '../../../src/contracts/files/message-file.ts'

const file: StoredFile = {
  id: 'file_1',
  tenant: 'acme',
  principal: 'ann',
  type: 'image/png',
  bytes: 3,
  sha256: 'ab',
  name: 'cat.png',
  tokens: 100,
  createdAt: '2026-01-01T00:00:00.000Z',
}
const spelled = (parts: readonly MessagePart[]) =>
  parts.map((part) => ('text' in part ? part.text : `<${part.file.id}>`))

const CASES: readonly (readonly [parts: readonly string[], again: readonly string[]])[] = [
  [['Look'], ['Look']],
  [['<>'], ['<file_1>']],
  [
    ['<>', 'What is it?'],
    ['<file_1>', 'What is it?'],
  ],
  [
    ['Compare', '<>', 'with', '<>', '<>'],
    ['Compare', '<file_1>', 'with', '<file_1>', '<file_1>'],
  ],
  [
    ['one', 'two', '<>', '\n\nthree', 'four'],
    ['one\n\ntwo', '<file_1>', '\n\nthree\n\nfour'],
  ],
]

for (const [given, again] of CASES) {
  test(`parts come back as they were given: ${JSON.stringify(given)}`, () => {
    const message = fromParts(given.map((text) => (text === '<>' ? { file } : { text })))
    assert.deepEqual(spelled(toParts(message)), again)
    const introduced = spelled(toParts(withWordsBefore('From bob:', message)))
    const [first = '', ...rest] = again
    assert.deepEqual(
      introduced,
      first.startsWith('<') ? ['From bob:', ...again] : [`From bob:\n\n${first}`, ...rest],
    )
  })
}

test('where only text can stand, words stand for a file', () => {
  const message = fromParts([
    { text: 'Compare' },
    { file },
    { file: { ...file, type: 'application/pdf', name: null } },
  ])
  assert.equal(textWithWords(message), 'Compare\n\n[image cat.png]\n\n[PDF]')
})
