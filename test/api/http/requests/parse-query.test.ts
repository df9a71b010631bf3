import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuery } from '../../../../src/api/http/requests/parse-query.ts'

const parsed = (text: string) => JSON.parse(JSON.stringify(parseQuery(text))) as unknown

test('entries of an object stand in brackets, encoded or not', () => {
  assert.deepEqual(parsed('limit=3&metadata[ticket]=17&metadata%5Border%5D=L%2D1'), {
    limit: '3',
    metadata: { ticket: '17', order: 'L-1' },
  })
  assert.deepEqual(parsed('metadata[a][b]=1&metadata[c]d]=2'), { metadata: { 'a][b': '1', 'c]d': '2' } })
})

test('what is no entry keeps its name', () => {
  assert.deepEqual(parsed('a[]=1&[b]=2&c[=3&d=4&d=5'), { 'a[]': '1', '[b]': '2', 'c[': '3', d: ['4', '5'] })
})

test('a text and an object under one name are not an object', () => {
  for (const text of ['metadata=x&metadata[a]=1', 'metadata[a]=1&metadata=x']) {
    assert.deepEqual(parsed(text), { metadata: 'x' })
  }
})

test('no name reaches a prototype', () => {
  const query = parseQuery('__proto__[admin]=1&metadata[__proto__]=2&metadata[a]=3')
  assert.equal(({} as { admin?: unknown }).admin, undefined)
  assert.deepEqual(Object.keys(query), ['__proto__', 'metadata[__proto__]', 'metadata'])
  assert.deepEqual(Object.keys(query['metadata'] as object), ['a'])
})
