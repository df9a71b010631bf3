import fc from 'fast-check'
import type { WireRequest } from '../support/openapi/inject.ts'
import { nearMissesOf } from '../support/openapi/near-misses.ts'
import type { ApiOperation, Parameter } from '../support/openapi/operations.ts'
import { fillIn, type PathValues } from '../support/openapi/real-ids.ts'
import { type Known, valuesOf } from '../support/openapi/values.ts'

/** Where a request is led to: something of the caller's, of another tenant, or wherever the values lead. */
type Target = 'own' | 'foreign' | PathValues

interface Body {
  readonly text: string
  /** undefined where the text is no JSON. */
  readonly value: unknown
}

/** A request of the fuzz, before it is known what there is to be asked about. */
export interface FuzzedRequest {
  readonly target: Target
  /** Names and values, not encoded yet. */
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Body | null
  /** Whether every part was made as its schema wants it. */
  readonly isGood: boolean
}

/** Bodies that are no values of a schema: JSON that is broken, or more than it should be. */
const RAW = [
  '',
  ' ',
  'null',
  '[]',
  '"x"',
  '0',
  'NaN',
  '{',
  '{}{}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":1e400}',
  '{"a":1,"a":2}',
  '{"__proto__":{"scopes":["admin"]}}',
  '{"constructor":{"prototype":{"scopes":["admin"]}}}',
  '\ufeff{}',
  '{"a":"\u0000"}',
  '{"a":"\\u0000"}',
  '{"a":"\\ud800"}',
  `${'['.repeat(80)}${']'.repeat(80)}`,
  `{"a":${'9'.repeat(400)}}`,
]

const HOSTILE_TEXT = [
  '',
  ' ',
  'x',
  '-1',
  '0',
  '1e3',
  '99999999999999999999',
  '1.5',
  '\u0000',
  '\n',
  '😀',
  '../..',
  '%2e%2e',
  ';drop table runs',
  "' or 1=1 --",
  '__proto__',
  'constructor',
  'x'.repeat(600),
]
const hostileText = fc.constantFrom(...HOSTILE_TEXT)

/** Requests to an operation: about half of them good, the others spoilt in one part. */
export function requestsTo(operation: ApiOperation, known: Known): fc.Arbitrary<FuzzedRequest> {
  const make = (spoilt: 'path' | 'query' | 'headers' | 'body' | null) =>
    fc
      .record({
        target: targets(operation, known, spoilt === 'path'),
        query: queries(operation, known, spoilt === 'query'),
        headers: headers(operation, known, spoilt === 'headers'),
        body: bodies(operation, known, spoilt === 'body'),
      })
      .map((request) => ({ ...request, isGood: spoilt === null }))
  const parts = [
    ...(operation.path.includes('{') ? (['path'] as const) : []),
    'query' as const,
    'headers' as const,
    ...(operation.body === null ? [] : (['body'] as const)),
  ]
  return fc.oneof(
    { weight: 4, arbitrary: make(null) },
    {
      weight: 4,
      arbitrary: fc.oneof(
        ...parts.map((part) => ({ weight: part === 'body' ? 3 : 1, arbitrary: make(part) })),
      ),
    },
  )
}

/** The request as it is sent, once it is known what there is. */
export function toWire(
  operation: ApiOperation,
  { target, query, headers, body }: FuzzedRequest,
  things: { readonly own: PathValues; readonly foreign: PathValues },
  credential: string,
): WireRequest {
  const values = target === 'own' ? things.own : target === 'foreign' ? things.foreign : target
  const asked = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  return {
    method: operation.method,
    target: [fillIn(operation, values), ...(asked === '' ? [] : [asked])].join('?'),
    headers: { ...headers, authorization: `Bearer ${credential}` },
    ...(body !== null && { body: body.text }),
  }
}

function parametersIn({ parameters }: ApiOperation, where: string): readonly Parameter[] {
  return parameters.filter((parameter) => parameter.in === where)
}

function targets(operation: ApiOperation, known: Known, spoilt: boolean): fc.Arbitrary<Target> {
  const parameters = parametersIn(operation, 'path')
  const made = (values: (parameter: Parameter) => fc.Arbitrary<unknown>) =>
    fc.record(
      // A URL has no segment that is empty, or that leads up.
      Object.fromEntries(
        parameters.map((parameter) => [
          parameter.name,
          values(parameter)
            .map(String)
            .filter((text) => !['', '.', '..'].includes(text)),
        ]),
      ) as Record<string, fc.Arbitrary<string>>,
    )
  if (spoilt) return made(() => hostileText)
  const led = fc.constantFrom<Target[]>('own', 'own', 'own', 'foreign')
  return fc.oneof(
    { weight: 4, arbitrary: led },
    { weight: 1, arbitrary: made(({ schema }) => valuesOf(schema, known)) },
  )
}

function queries(
  operation: ApiOperation,
  known: Known,
  spoilt: boolean,
): fc.Arbitrary<FuzzedRequest['query']> {
  const parameters = parametersIn(operation, 'query')
  const good = fc
    .tuple(
      ...parameters.map(({ name, schema, required }) => {
        const pairs = valuesOf(schema, known).map((value) => toPairs(name, value))
        return required === true
          ? pairs
          : fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: pairs })
      }),
    )
    .map((pairs) => pairs.flat() as [string, string][])
  if (!spoilt) return good
  const names = [...parameters.map(({ name }) => name), 'x', '__proto__', 'limit[a]', 'metadata[__proto__]']
  const bad = fc.array(fc.tuple(fc.constantFrom(...names), hostileText), { minLength: 1, maxLength: 3 })
  return fc.tuple(good, bad).map((both) => both.flat() as [string, string][])
}

/** A parameter as a query has it: an object by its members (`name[key]=value`). */
function toPairs(name: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  return Object.entries(value).map(([key, member]) => [`${name}[${key}]`, String(member)])
}

/** By name, where a value could hold up the fuzz for as long as it says. */
const HEADER_VALUES: Readonly<Record<string, readonly string[]>> = {
  prefer: ['wait=0', 'respond-async', 'wait=x', 'wait=0; a=b', 'handling=lenient, wait=0'],
  traceparent: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-0-0-00', 'ff-x', ''],
  'if-none-match': ['*', '"x"', 'W/"x"', ''],
}

const BAD_HEADERS: readonly (readonly [string, string])[] = [
  ['accept', 'application/xml'],
  ['accept', 'text/plain'],
  ['accept', 'text/csv;q=0.5'],
  ['accept', ';;;,'],
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=latin1'],
  ['content-type', ''],
  ['content-encoding', 'gzip'],
  ['idempotency-key', ''],
  ['idempotency-key', 'a b'],
  ['idempotency-key', 'x'.repeat(600)],
  ['last-event-id', '-1'],
  ['traceparent', '\u00e9'],
  ['x-request-id', 'req_mine'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-http-method-override', 'DELETE'],
]

function headers(
  operation: ApiOperation,
  known: Known,
  spoilt: boolean,
): fc.Arbitrary<Record<string, string | undefined>> {
  const members = parametersIn(operation, 'header').map(({ name, schema }) => {
    const values = HEADER_VALUES[name]
    return [name, values === undefined ? valuesOf(schema, known).map(String) : fc.constantFrom(...values)]
  })
  const good = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<string>>, {
    requiredKeys: [],
  })
  if (!spoilt) return good
  const bad = fc.array(fc.constantFrom(...BAD_HEADERS), { minLength: 1, maxLength: 2 })
  return fc.tuple(good, bad).map(([some, others]) => ({ ...some, ...Object.fromEntries(others) }))
}

function bodies({ body }: ApiOperation, known: Known, spoilt: boolean): fc.Arbitrary<Body | null> {
  if (body === null) return fc.constant(null)
  const json = (values: fc.Arbitrary<unknown>) =>
    values.map((value) => ({
      text: JSON.stringify(value),
      value: JSON.parse(JSON.stringify(value)) as unknown,
    }))
  if (spoilt) {
    return fc.oneof(
      { weight: 5, arbitrary: json(nearMissesOf(body.schema, known)) },
      { weight: 1, arbitrary: fc.constantFrom(...RAW).map((text) => ({ text, value: parsed(text) })) },
      ...(body.required ? [{ weight: 1, arbitrary: fc.constant(null) }] : []),
    )
  }
  const good = json(valuesOf(body.schema, known))
  return body.required
    ? good
    : fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: good })
}

function parsed(text: string): unknown {
  try {
    // The API takes a byte order mark, as RFC 8259 allows it to.
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown
  } catch {
    return undefined
  }
}
