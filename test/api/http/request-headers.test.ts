import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptWeight, bestType, prefersStream } from '../../../src/api/http/requests/accepts.ts'
import { readIdempotencyKey } from '../../../src/api/http/requests/read-idempotency-key.ts'
import { readPreferredWait } from '../../../src/api/http/requests/read-prefer.ts'

test('an Idempotency-Key means the same bare and quoted', () => {
  assert.equal(readIdempotencyKey(undefined), null)
  assert.equal(readIdempotencyKey('abc'), 'abc')
  assert.equal(readIdempotencyKey('"abc"'), 'abc')
  assert.equal(readIdempotencyKey('"a\\"b\\\\c"'), 'a"b\\c')
})

test('an Idempotency-Key that is empty, too long, blank inside or badly quoted is refused', () => {
  for (const bad of [
    '',
    '""',
    'x'.repeat(256),
    'a b',
    '"a b"',
    '"abc',
    '"a"b"',
    'schlüssel',
    'a, b',
    '"a\\x"',
  ]) {
    assert.throws(() => readIdempotencyKey(bad), { code: 'invalid_idempotency_key' }, bad)
  }
})

test('Prefer: wait is read among other preferences, cut to the longest wait, and ignored where it makes no sense', () => {
  const cases: [string | undefined, number | null][] = [
    [undefined, null],
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['Wait = "7"; x=y', 7],
    ['wait=0', 0],
    ['wait=3600', 60],
    ['wait=-1', null],
    ['wait=soon', null],
    ['waiting=5', null],
  ]
  for (const [header, seconds] of cases) assert.equal(readPreferredWait(header), seconds, header)
})

test('the most exact range of an Accept header decides', () => {
  const json = 'application/json'
  const cases: [string | undefined, number][] = [
    [undefined, 1],
    ['*/*', 1],
    ['application/*;q=0.5', 0.5],
    ['text/html', 0],
    ['*/*, application/json;q=0', 0],
    ['application/json;q=0.2, */*', 0.2],
    ['APPLICATION/JSON', 1],
    ['application/json;q=nonsense', 0],
  ]
  for (const [header, weight] of cases) assert.equal(acceptWeight(header, json), weight, header)
})

test('a text is given to whoever prefers it to JSON: clients that take anything name both', () => {
  const types = ['application/json', 'text/plain'] as const
  const cases: [string | undefined, (typeof types)[number]][] = [
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['text/plain', 'text/plain'],
    ['text/plain, */*;q=0.1', 'text/plain'],
    ['text/html', 'application/json'],
  ]
  for (const [header, type] of cases) assert.equal(bestType(header, types), type, header)
})

test('a stream is given to whoever names it and does not prefer JSON', () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, false],
    ['*/*', false],
    ['text/*', false],
    ['text/event-stream', true],
    ['application/json, text/event-stream', true],
    ['application/json, text/event-stream;q=0.5', false],
    ['text/event-stream;q=0', false],
  ]
  for (const [header, streams] of cases) assert.equal(prefersStream(header), streams, header)
})
