import assert from 'node:assert/strict'
import { test } from 'node:test'
import { excessOf } from '../../../../src/api/http/requests/excess-of.ts'

const MOST = { depth: 6, values: 20, objectMembers: 15, textBytes: 200 }
const excess = (json: string) => excessOf(Buffer.from(json), MOST)
const withPart = (part: object) => JSON.stringify({ input: [{ content: [part] }] })
const file = 'QUJD'.repeat(1_000)

test('depth is counted without strings', () => {
  assert.equal(excess('[[[[[[]]]]]]'), null)
  assert.equal(excess('[[[[[[[]]]]]]]'), 'depth')
  assert.equal(excess(JSON.stringify(['[[[[[[ \\" [[[', '{{{{{{'])), null)
  assert.equal(excess('[[[[[[['), 'depth')
})

test('members and entries are counted, wherever they stand', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)
  assert.equal(excess(JSON.stringify(numbers(20))), null)
  assert.equal(excess(JSON.stringify(numbers(21))), 'values')
  const object = (count: number) => Object.fromEntries(numbers(count).map((n) => [n, n]))
  assert.equal(excess(JSON.stringify({ a: object(15) })), null)
  assert.equal(excess(JSON.stringify({ a: object(16) })), 'objectMembers')
  assert.equal(excess(JSON.stringify([object(9), object(9), object(9)])), 'values')
  assert.equal(excess(`[${'{},'.repeat(10)}1]`), 'values')
  assert.equal(excess(JSON.stringify(','.repeat(100))), null)
})

test('the base64 of a file does not count as text, and everything else does', () => {
  assert.equal(excess(withPart({ type: 'image', data: file })), null)
  // As PHP's json_encode writes it.
  assert.equal(excess(withPart({ data: `${file}/${file}` }).replaceAll('/', '\\/')), null)
  for (const json of [
    withPart({ type: 'text', text: file }),
    withPart({ data: [file] }),
    withPart({ data: 'é'.repeat(2_000) }),
    withPart({ data: '/'.repeat(2_000) }).replaceAll('/', '\\/'),
    withPart({ data: `${file}"${file}` }),
    `[{"data":"${file}\\\\"}]`,
    JSON.stringify({ metadata: { data: file } }),
    JSON.stringify({ data: file }),
    JSON.stringify([{ [file]: 1 }]),
    withPart({ data: 'QUJD', text: file }),
    ' '.repeat(300),
  ]) {
    assert.equal(excess(json), 'textBytes', json.slice(0, 60))
  }
})

test('text that is no JSON is taken as far as it goes', () => {
  for (const json of ['', '"', '"\\', ']]]]', ':', '{"data":', '[{"data":"QUJD'])
    assert.equal(excess(json), null)
})
