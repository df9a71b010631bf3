import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedactor } from '../../../src/telemetry/redaction/redactor.ts'

const { redactValue } = createRedactor()

function throwing(): never {
  throw new Error('no')
}

function circular(): object {
  const one: Record<string, unknown> = { name: 'one' }
  one['self'] = one
  one['list'] = [one, { one }]
  return one
}

function circularCauses(): Error {
  const inner = new Error('inner')
  const outer = new Error('outer', { cause: inner })
  inner.cause = outer
  return outer
}

const errorWithGetters = Object.defineProperties(new Error('x'), {
  message: { get: throwing },
  stack: { get: throwing },
  cause: { get: throwing },
  name: { get: throwing },
  errors: { get: throwing },
  more: { get: throwing, enumerable: true },
})

const HOSTILE: Record<string, unknown> = {
  getter: Object.defineProperty({}, 'x', { get: throwing, enumerable: true }),
  toJSON: { toJSON: throwing },
  toJSONItself: { toJSON: () => new Proxy({}, {}) },
  proxy: new Proxy({}, { get: throwing, ownKeys: throwing, getPrototypeOf: throwing }),
  revoked: (() => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  })(),
  proxiedError: new Error('x', { cause: new Proxy(new Error('y'), { get: throwing }) }),
  errorWithGetters,
  frozen: Object.freeze(new Error('frozen')),
  circular: circular(),
  circularCauses: circularCauses(),
  nullPrototype: Object.assign(Object.create(null), { a: 1, hasOwnProperty: 1 }),
  proto: JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'),
  symbol: Symbol('s'),
  symbolKey: { [Symbol('s')]: 1 },
  bigint: 10n ** 400n,
  notNumbers: [Number.NaN, Number.POSITIVE_INFINITY, -0],
  date: new Date(Number.NaN),
  map: new Map<unknown, unknown>([
    [{}, 1],
    ['password', 'hunter2'],
  ]),
  set: new Set([new Set([throwing])]),
  bytes: Buffer.from('hunter2'),
  sparse: Object.assign(new Array(4_000_000_000), { 3: 'x' }),
  arrayWithGetter: Object.defineProperty([1], 0, { get: throwing }),
  loneSurrogates: '\ud800 \udc00',
  aggregate: new AggregateError([new Error('a'), new Error('b', { cause: 'c' })], 'all'),
  boxed: [Object('x'), Object(1), /x/, new URL('https://a:hunter2@b'), Promise.resolve(1), new WeakMap()],
}

for (const [name, value] of Object.entries(HOSTILE)) {
  test(`a value that resists being logged is shown as JSON all the same: ${name}`, () => {
    const text = JSON.stringify({ shown: redactValue(value) })
    assert.ok(text.length < 100_000)
    assert.doesNotMatch(text, /hunter2/)
  })
}

test('a getter that throws takes nothing else with it', () => {
  const value = Object.defineProperty({ a: 1, b: 2 }, 'a', { get: throwing, enumerable: true })
  assert.deepEqual(redactValue(value), { a: '[threw]', b: 2 })
})

test('an error is shown with its causes, and with what was put on them', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', address: 'db' })
  const error = Object.assign(new TypeError('no answer', { cause }), { code: 'AWAY' })
  const shown = redactValue(error) as Record<string, unknown>
  assert.deepEqual(
    { ...shown, stack: '' },
    { type: 'TypeError', message: 'no answer: refused', stack: '', code: 'AWAY', address: 'db' },
  )
  assert.match(
    String(shown['stack']),
    /TypeError: no answer\n {4}at [\s\S]*\ncaused by: Error: refused\n {4}at /,
  )
})
