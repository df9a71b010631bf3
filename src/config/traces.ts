import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Sampler } from '../policies/operations/traces.ts'
import type { Environment } from './environment.ts'

/** Where spans go. Holds secrets: never log it. */
export interface TracesConfig {
  /** The collector's whole URL for traces. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  /** What else is said of the process. */
  readonly resource: Readonly<Record<string, string>>
  readonly sampler: Sampler
  /** Of the samplers with a ratio. */
  readonly ratio: number
  /** Whether spans hold prompts, answers, arguments and results, redacted. */
  readonly content: boolean
}

/** The settings of traces that are lists, decoded. */
type TraceLists = Pick<TracesConfig, 'headers' | 'resource'>

type Variables = Readonly<Record<string, string | undefined>>

/** Adds what cannot be used to `problems`. */
export function readTraceLists(set: Variables, problems: string[]): TraceLists {
  return {
    headers: {
      ...readPairs(set, 'OTEL_EXPORTER_OTLP_HEADERS', problems),
      ...readPairs(set, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', problems),
    },
    resource: readPairs(set, 'OTEL_RESOURCE_ATTRIBUTES', problems),
  }
}

/** Names of headers that carry credentials. Honeycomb's key goes by its team's name. */
const CREDENTIAL_HEADER =
  /(?:authorization|cookie|credentials?|dsn|key|passw(?:or)?d|secret|signature|token)$|^x-honeycomb-team$/i
const SCHEME = /^(?:api-?key|basic|bearer|digest|key|token) +/i

/**
 * The credentials among the collector's headers as a log could show them: each value, and without its scheme. Other headers, which name a
 * dataset or a tenant, have values that lines are full of.
 */
export function secretsOfHeaders({ headers }: Pick<TraceLists, 'headers'>): string[] {
  return Object.entries(headers)
    .filter(([name, value]) => CREDENTIAL_HEADER.test(name) || SCHEME.test(value))
    .flatMap(([, value]) => [value, ...value.split(' ').slice(1)])
}

/** The settings of traces, by OpenTelemetry's own names; null where no collector is named, or the SDK is disabled. */
export function tracesOf(env: Environment, { headers, resource }: TraceLists): TracesConfig | null {
  const url = urlOf(env)
  if (url === null || env.OTEL_SDK_DISABLED === 'true' || env.OTEL_SDK_DISABLED === '1') return null
  return {
    url,
    headers,
    serviceName: env.OTEL_SERVICE_NAME ?? resource['service.name'] ?? 'holdfast',
    resource,
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    content: env.HOLDFAST_TRACE_CONTENT === 'true' || env.HOLDFAST_TRACE_CONTENT === '1',
  }
}

/** The endpoint of all signals is a base, and that of traces a whole URL. */
function urlOf({
  OTEL_EXPORTER_OTLP_ENDPOINT: base,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole,
}: Environment): string | null {
  if (whole !== undefined) return whole
  return base === undefined ? null : `${base.replace(/\/+$/, '')}/v1/traces`
}

type Pairs = 'OTEL_EXPORTER_OTLP_HEADERS' | 'OTEL_EXPORTER_OTLP_TRACES_HEADERS' | 'OTEL_RESOURCE_ATTRIBUTES'

/** `key=value,key=value`, with values percent-encoded. A problem names no value, which may be a key. */
function readPairs(set: Variables, name: Pairs, problems: string[]): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const entry of (set[name] ?? '').split(',')) {
    if (entry.trim() === '') continue
    const [key = '', ...rest] = entry.split('=')
    const value = decoded(rest.join('=').trim())
    const isPair = key.trim() !== '' && rest.length > 0 && value !== null
    if (!isPair || (name !== 'OTEL_RESOURCE_ATTRIBUTES' && !isHeader(key.trim(), value))) {
      problems.push(`${name} is not a list of name=value, separated by commas, with values percent-encoded`)
      return {}
    }
    pairs[key.trim()] = value
  }
  return pairs
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
