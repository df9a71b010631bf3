import { isJsonObject, type Json, type JsonObject } from '../contracts/json.ts'

/** Objects within objects, so far that a schema which refers to itself comes to an end. */
const MOST_DEPTH = 12

/**
 * A value that fits a JSON Schema. Its free texts are the given one, as far as their lengths allow. What a `pattern` wants is beyond it.
 *
 * @param text what stands wherever the schema wants any text
 */
export function sampleOfSchema(schema: JsonObject, text: string): Json {
  return sample(schema, 0)

  function sample(given: Json | undefined, depth: number): Json {
    if (!isJsonObject(given)) return text
    const part = resolved(given)
    if (part['const'] !== undefined) return part['const']
    if (Array.isArray(part['enum'])) return (part['enum'] as readonly Json[])[0] ?? null
    if (part['default'] !== undefined) return part['default']
    const branches = part['anyOf'] ?? part['oneOf']
    if (Array.isArray(branches)) return sample(branchOf(branches, depth), depth)
    switch (typeOf(part, depth)) {
      case 'object':
        return objectOf(part, depth)
      case 'array': {
        const least = depth < MOST_DEPTH ? 1 : 0
        const length = Math.min(numberOf(part['minItems'], least), numberOf(part['maxItems'], 1_000))
        return Array.from({ length }, () => sample(part['items'], depth + 1))
      }
      case 'string':
        return textOf(part, text)
      case 'integer':
      case 'number':
        return amountOf(part)
      case 'boolean':
        return true
      default:
        return null
    }
  }

  function resolved(part: JsonObject): JsonObject {
    const { $ref, allOf, ...own } = part
    const merged = [...(Array.isArray(allOf) ? (allOf as readonly Json[]) : []), own].filter(isJsonObject)
    const whole: JsonObject = Object.assign({}, ...merged.map((one) => (one === own ? one : resolved(one))))
    return typeof $ref === 'string' ? { ...resolved(definitionOf($ref)), ...whole } : whole
  }

  function definitionOf(ref: string): JsonObject {
    let found: Json | undefined = schema
    for (const name of ref.split('/').slice(1)) found = isJsonObject(found) ? found[name] : undefined
    return isJsonObject(found) ? found : {}
  }

  function objectOf({ properties, required }: JsonObject, depth: number): JsonObject {
    const members = Object.entries(isJsonObject(properties) ? properties : {})
    const wanted = Array.isArray(required) ? (required as readonly Json[]) : []
    const shown = members.filter(([name]) => depth < MOST_DEPTH / 2 || wanted.includes(name))
    return Object.fromEntries(shown.map(([name, part]) => [name, sample(part, depth + 1)]))
  }
}

/** The last branch ends what refers to itself: `null` mostly stands there. */
function branchOf(branches: readonly Json[], depth: number): Json | undefined {
  return depth < MOST_DEPTH / 2 ? branches[0] : branches.at(-1)
}

function typeOf({ type, properties }: JsonObject, depth: number): Json | undefined {
  if (type === undefined) return properties === undefined ? 'string' : 'object'
  if (!Array.isArray(type)) return type
  return branchOf(type as readonly Json[], depth)
}

const FORMATS: { readonly [format: string]: string } = {
  'date-time': '2000-01-01T00:00:00Z',
  date: '2000-01-01',
  time: '00:00:00',
  duration: 'P1D',
  email: 'scripted@example.com',
  uri: 'https://example.com/scripted',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '127.0.0.1',
  ipv6: '::1',
}

function textOf({ format, minLength, maxLength }: JsonObject, text: string): string {
  const formatted = typeof format === 'string' ? FORMATS[format] : undefined
  if (formatted !== undefined) return formatted
  return text.padEnd(numberOf(minLength, 0), '.').slice(0, numberOf(maxLength, text.length + 1_000))
}

/** 0 where the schema allows it, or else an amount near its bounds. */
function amountOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf }: JsonObject): number {
  const least = numberOf(minimum, Number.NEGATIVE_INFINITY)
  const above = numberOf(exclusiveMinimum, Number.NEGATIVE_INFINITY)
  const most = numberOf(maximum, Number.POSITIVE_INFINITY)
  const below = numberOf(exclusiveMaximum, Number.POSITIVE_INFINITY)
  const unit = numberOf(multipleOf, 1)
  const from = Math.ceil(Math.max(least, above) / unit) * unit
  const to = Math.floor(Math.min(most, below) / unit) * unit
  const between = (Math.max(least, above) + Math.min(most, below)) / 2
  const fits = (amount: number) => amount >= least && amount > above && amount <= most && amount < below
  return [0, from, from + unit, to, to - unit, between].find(fits) ?? 0
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
