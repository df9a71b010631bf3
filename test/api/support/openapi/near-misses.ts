import fc from 'fast-check'
import { resolve, type Schema } from './operations.ts'
import { type Known, valuesOf } from './values.ts'

/** What no schema, or hardly one, expects. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  -0,
  '',
  ' ',
  '\n',
  '\u0000',
  '\ud800',
  'x'.repeat(3_000),
  '1',
  'true',
  '2026-02-30',
  '__proto__',
  [],
  [null],
  [[[]]],
  {},
  { length: 1 },
  { toString: 'x' },
]

/** Names that no body has, some of which every object has. */
const UNKNOWN_NAMES = ['x', '', ' ', 'constructor', 'prototype', 'toString', 'tenant', 'id', 'a/b~c', 'ключ']

const hostile = fc.constantFrom(...HOSTILE)

/** Values that a schema of the document just does not take; now and then one that it does. */
export function nearMissesOf(given: Schema, known: Known, depth = 0): fc.Arbitrary<unknown> {
  const schema = resolve(given)
  const branches = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined
  if (branches !== undefined && schema['type'] !== 'object') {
    const usable = depth < 4 ? branches : branches.slice(0, 1)
    return fc.oneof(hostile, ...usable.map((branch) => nearMissesOf(branch, known, depth + 1)))
  }
  switch (schema['type']) {
    case 'string':
      return fc.oneof(hostile, spoiltTexts(schema, known))
    case 'integer':
    case 'number':
      return fc.oneof(hostile, beyondBounds(schema))
    case 'array':
      return fc.oneof(hostile, spoiltLists(schema, known, depth))
    case 'object':
      return fc.oneof(
        { weight: 1, arbitrary: hostile },
        { weight: 6, arbitrary: spoiltObjects(schema, known, depth) },
      )
    default:
      return hostile
  }
}

function spoiltTexts(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const { maxLength = 100 } = schema as { maxLength?: number }
  const spoil = fc.constantFrom<((text: string) => unknown)[]>(
    (text) => `${text}\n`,
    (text) => `${text}\u0000`,
    (text) => `${text}\ud83d`,
    (text) => text.toUpperCase(),
    (text) => text.slice(1),
    (text) => ` ${text}`,
    (text) => [text],
    () => 'x'.repeat(maxLength + 1),
    () => '😀'.repeat(Math.min(maxLength, 600) + 1),
  )
  return fc.tuple(valuesOf(schema, known), spoil).map(([text, change]) => change(String(text)))
}

function beyondBounds({ minimum, maximum }: Schema): fc.Arbitrary<unknown> {
  const [min, max] = [Number(minimum ?? 0), Number(maximum ?? Number.MAX_SAFE_INTEGER)]
  return fc.constantFrom(min - 1, max + 1, min + 0.5, String(min), -max, max * 1e6)
}

function spoiltLists(schema: Schema, known: Known, depth: number): fc.Arbitrary<unknown> {
  const items = schema['items'] as Schema
  const most = Number(schema['maxItems'] ?? 10)
  return fc.oneof(
    fc
      .tuple(valuesOf(schema, known), nearMissesOf(items, known, depth + 1))
      .map(([list, miss]) => [...(list as unknown[]), miss]),
    valuesOf(items, known).map((item) => Array.from({ length: most + 1 }, () => item)),
  )
}

function spoiltObjects(schema: Schema, known: Known, depth: number): fc.Arbitrary<unknown> {
  const values = valuesOf(schema, known, depth) as fc.Arbitrary<Record<string, unknown>>
  const names = Object.keys(schema.properties ?? {})
  const further = fc
    .tuple(values, fc.constantFrom(...UNKNOWN_NAMES), hostile)
    .map(([value, name, member]) => ({ ...value, [name]: member }))
  if (names.length === 0) return further
  const less = fc
    .tuple(values, fc.constantFrom(...names))
    .map(([value, name]) => Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)))
  const changed = fc.oneof(
    ...names.map((name) =>
      fc
        .tuple(values, nearMissesOf(schema.properties?.[name] ?? {}, known, depth + 1))
        .map(([value, miss]) => ({ ...value, [name]: miss })),
    ),
  )
  return fc.oneof(
    { weight: 1, arbitrary: further },
    { weight: 1, arbitrary: less },
    { weight: 4, arbitrary: changed },
  )
}
