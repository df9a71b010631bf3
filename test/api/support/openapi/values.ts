import fc from 'fast-check'
import { resolve, type Schema } from './operations.ts'

/** Values from outside that a schema's text may be: ids that are there, in place of made-up ones. */
export type Known = readonly string[]

const MOST_DEPTH = 4
const MOST_ITEMS = 4

/** Made once: the same schemas stand in many places, and an arbitrary of a pattern takes long to make. */
const made = new WeakMap<Known, Map<string, fc.Arbitrary<unknown>>>()

/** Values that a schema of the document takes. */
export function valuesOf(schema: Schema, known: Known, depth = 0): fc.Arbitrary<unknown> {
  const ofKnown = made.get(known) ?? new Map<string, fc.Arbitrary<unknown>>()
  made.set(known, ofKnown)
  const key = `${depth} ${JSON.stringify(schema)}`
  const values = ofKnown.get(key) ?? makeValues(resolve(schema), known, depth)
  ofKnown.set(key, values)
  return values
}

function makeValues(schema: Schema, known: Known, depth: number): fc.Arbitrary<unknown> {
  if (schema['const'] !== undefined) return fc.constant(schema['const'])
  const options = schema['enum'] as readonly unknown[] | undefined
  if (options !== undefined) return fc.constantFrom(...options)
  const branches = branchesOf(schema)
  if (branches !== null) {
    // A schema that contains itself ends here.
    const usable = depth < MOST_DEPTH ? branches : branches.slice(0, 1)
    return fc.oneof(...usable.map((branch) => valuesOf(branch, known, depth + 1)))
  }
  switch (schema['type']) {
    case 'string':
      return textsOf(schema, known)
    case 'integer':
      return integersOf(schema)
    case 'number':
      return numbersOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schema['items'] as Schema, known, depth + 1), {
        minLength: (schema['minItems'] as number | undefined) ?? 0,
        maxLength: Math.min((schema['maxItems'] as number | undefined) ?? MOST_ITEMS, MOST_ITEMS),
      })
    case 'object':
      return objectsOf(schema, known, depth)
    default:
      throw new Error(`No values are known for ${JSON.stringify(schema).slice(0, 200)}.`)
  }
}

/** The alternatives of a schema; those of an object have its own members as well. */
function branchesOf(schema: Schema): Schema[] | null {
  const { anyOf, oneOf, ...own } = schema as Schema & { anyOf?: Schema[]; oneOf?: Schema[] }
  const branches = anyOf ?? oneOf
  if (branches === undefined) return null
  if (own['type'] !== 'object') return branches.map((branch) => ({ ...resolve(branch) }))
  return branches.map((branch) => {
    const properties = { ...own.properties }
    for (const [name, narrowed] of Object.entries(branch.properties ?? {}))
      properties[name] = narrow(properties[name] ?? {}, narrowed)
    const barred = Object.entries(branch.properties ?? {}).filter(
      ([, narrowed]) => (narrowed as unknown) === false,
    )
    for (const [name] of barred) delete properties[name]
    const required = [...((own['required'] as string[]) ?? []), ...((branch['required'] as string[]) ?? [])]
    return { ...own, properties, required }
  })
}

/** A member of whose alternatives some are left out by type. */
function narrow(schema: Schema, by: Schema): Schema {
  const { anyOf, ...own } = schema as Schema & { anyOf?: Schema[] }
  if (anyOf === undefined || by['type'] === undefined) return { ...schema, ...by }
  return { ...own, ...anyOf.find((branch) => branch['type'] === by['type']), ...by }
}

function objectsOf(schema: Schema, known: Known, depth: number): fc.Arbitrary<unknown> {
  const {
    properties = {},
    dependentRequired = {},
    minProperties = 0,
    maxProperties,
  } = schema as Schema & {
    dependentRequired?: Record<string, string[]>
    minProperties?: number
    maxProperties?: number
  }
  const required = new Set((schema['required'] as string[] | undefined) ?? [])
  const members = Object.entries(properties).map(([name, member]) => {
    const values = valuesOf(member, known, depth + 1)
    return required.has(name) ? [name, values] : [name, fc.option(values, { nil: undefined, freq: 3 })]
  })
  const named = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>)
  const further = schema['additionalProperties']
  const others =
    typeof further === 'object' && further !== null
      ? fc.dictionary(
          valuesOf(
            (schema['propertyNames'] as Schema | undefined) ?? { type: 'string' },
            known,
          ) as fc.Arbitrary<string>,
          valuesOf(further as Schema, known, depth + 1),
          { maxKeys: Math.min(maxProperties ?? MOST_ITEMS, MOST_ITEMS), noNullPrototype: true },
        )
      : fc.constant({})
  return fc
    .tuple(named, others)
    .map(([own, more]) => withoutOrphans({ ...more, ...withoutUndefined(own) }, dependentRequired))
    .filter((value) => Object.keys(value).length >= minProperties)
}

const withoutUndefined = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

/** Leaves out members whose companions are not there. */
function withoutOrphans(
  value: Record<string, unknown>,
  needs: Record<string, string[]>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) =>
      (Object.hasOwn(needs, name) ? (needs[name] ?? []) : []).every((companion) =>
        Object.hasOwn(value, companion),
      ),
    ),
  )
}

/** Whole characters, also outside the first plane, and names that every object has. */
const ANY_TEXT = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'constructor',
      'toString',
      '\u202e\ufeff',
      '\u0001\u001b[2J',
      "' or 1=1 --",
      '%00',
      '../..',
    ),
  },
)

const WITHOUT_NUL = '^[^\\u0000]*$'
const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date-time': fc
    .date({
      min: new Date('0001-01-03T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((time) => time.toISOString()),
  date: fc
    .date({
      min: new Date('2020-01-01T00:00:00Z'),
      max: new Date('2030-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((time) => time.toISOString().slice(0, 10)),
  uri: fc.constantFrom(
    'https://hooks.example.com/a?b=c',
    'https://hooks.example.com:8443/',
    'http://127.0.0.1/',
    'mailto:a@b.example',
  ),
}

function textsOf(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const {
    format,
    pattern,
    minLength = 0,
    maxLength = 1_000,
    allOf = [],
    not,
  } = schema as {
    format?: string
    pattern?: string
    minLength?: number
    maxLength?: number
    allOf?: readonly { readonly pattern: string }[]
    not?: { readonly const: string }
  }
  const patterns = [pattern, ...allOf.map((one) => one.pattern)]
    .filter((one) => one !== undefined)
    .map((one) => new RegExp(one, 'u'))
  const fits = (text: string) => {
    const { length } = [...text]
    return (
      length >= minLength &&
      length <= maxLength &&
      text !== not?.const &&
      patterns.every((one) => one.test(text))
    )
  }
  const values =
    (format !== undefined && FORMATS[format]) ||
    (pattern === undefined || pattern === WITHOUT_NUL
      ? fc.oneof(
          { weight: 8, arbitrary: ANY_TEXT },
          {
            weight: 1,
            arbitrary: fc.constantFrom('x'.repeat(maxLength), 'x'.repeat(Math.max(1, minLength))),
          },
        )
      : fc.stringMatching(new RegExp(pattern)))
  // A pattern that takes any word is no id's: what is known there would be given back as the caller's own text.
  const isId = patterns.length > 0 && !patterns.every((one) => one.test('zz'))
  const fitting = isId ? known.filter(fits) : []
  const all = fitting.length === 0 ? values : fc.oneof(values, fc.constantFrom(...fitting))
  return all.filter((text) => text.isWellFormed() && fits(text))
}

function integersOf({ minimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = (minimum as number | undefined) ?? Number.MIN_SAFE_INTEGER
  const max = (maximum as number | undefined) ?? Number.MAX_SAFE_INTEGER
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }))
}

function numbersOf({ minimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = (minimum as number | undefined) ?? -1e15
  const max = (maximum as number | undefined) ?? 1e15
  return fc.oneof(fc.constantFrom(min, max), fc.double({ min, max, noNaN: true }))
}
