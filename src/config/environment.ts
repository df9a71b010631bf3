import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { parseLogLevels } from '../contracts/processes/log-levels.ts'
import { SAMPLERS } from '../policies/operations/traces.ts'
import type { ProductVariable } from '../policies/variables.ts'

/** Text that no problem may quote, since it can be or contain a password. */
const secret = z.string()

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a port: a whole number from 0 (any free port) to 65535')
  .transform(Number)
  .refine((number) => number <= 65_535, 'is not a port: a whole number from 0 (any free port) to 65535')

const httpUrl = z.url({ protocol: /^https?$/, error: 'is not an http:// or https:// URL' })

const flag = z.enum(['1', 'true', '0', 'false'], 'is neither true (1) nor false (0)')

const levels = z.string().transform((text, context) => {
  const read = parseLogLevels(text)
  if (!('problems' in read)) return read
  for (const message of read.problems) context.addIssue({ code: 'custom', message })
  return z.NEVER
})

/** As URLs spell them, in lower case: `host:port`, separated by commas. */
const hosts = z
  .string()
  .transform((text) => text.split(',').flatMap((host) => host.trim().toLowerCase() || []))
  .refine(
    (list) => list.every((host) => /^([a-z0-9._-]+|\[[0-9a-f:.]+\]):\d{1,5}$/.test(host)),
    'is not a list of host:port, separated by commas',
  )

/** Name of a namespace or task queue; a bit narrower than Temporal's own rule: no white space, no control characters. */
const name = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'is not a name: 1 to 200 visible ASCII characters')

/** Whether an address is this machine's alone. Host names other than `localhost` are not resolved and count as reachable from outside. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/**
 * Every environment variable that Holdfast reads, by name. Unset and empty are the same. The names under `TEMPORAL_` mean
 * what they mean to Temporal's own tools; profiles and configuration files of those are not read.
 */
export const ENVIRONMENT = z.object({
  PORT: port.default(3000),
  HOST: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, 'is not an address or a host name')
    .default('127.0.0.1'),
  HOLDFAST_API_URL: httpUrl.optional(),
  HOLDFAST_API_KEY: secret.regex(/^[\x21-\x7e]+$/, 'is not a key: visible ASCII characters').optional(),
  HOLDFAST_APP: z.string().optional(),
  HOLDFAST_DATA_DIR: z.string().default('.data'),
  HOLDFAST_CACHE_DIR: z.string().optional(),
  HOLDFAST_AUTH: z.enum(['keys', 'none'], 'is neither "keys" nor "none"').default('keys'),
  HOLDFAST_SECRET: secret.min(32, 'is too short: it takes at least 32 characters').optional(),
  HOLDFAST_JWT_ISSUER: z.string().max(500, 'is too long: at most 500 characters').optional(),
  HOLDFAST_JWT_AUDIENCE: z.string().max(500, 'is too long: at most 500 characters').optional(),
  HOLDFAST_JWT_JWKS_URL: httpUrl.optional(),
  HOLDFAST_JWT_CLAIMS: z.string().optional(),
  HOLDFAST_JWT_ALGORITHMS: z.string().default('RS256,ES256,EdDSA'),
  HOLDFAST_CORS_ORIGINS: z.string().default(''),
  HOLDFAST_PRICES: z.string().optional(),
  HOLDFAST_WEB_UI_URL: httpUrl.optional(),
  HOLDFAST_DOSSIER: z.enum(['full', 'off'], 'is neither "full" nor "off"').default('full'),
  HOLDFAST_DAILY_REPORT: z.enum(['on', 'off'], 'is neither "on" nor "off"').default('on'),
  HOLDFAST_WEBHOOK_HOSTS: hosts.prefault(''),
  HOLDFAST_DIALECTS: z.string().optional(),
  HOLDFAST_LIMITS: z.string().optional(),
  HOLDFAST_API_LIMITS: z.string().optional(),
  HOLDFAST_VERSIONING: z.enum(['off', 'pinned'], 'is neither "off" nor "pinned"').default('off'),
  HOLDFAST_DEPLOYMENT: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'is not a name of letters, digits, - and _, of at most 100 characters')
    .default('holdfast'),
  HOLDFAST_EMBEDDINGS_BASE_URL: httpUrl.optional(),
  HOLDFAST_EMBEDDINGS_API_KEY: secret.optional(),
  HOLDFAST_EMBEDDINGS_MODEL: z
    .string()
    .max(200, 'is too long for the name of a model: at most 200 characters')
    .optional(),
  HOLDFAST_EMBEDDINGS_PREFIX: z.string().max(200, 'is too long: at most 200 characters').default(''),
  HOLDFAST_WORKER_PORT: port.default(3001),
  HOLDFAST_METRICS_OPEN: flag.default('false'),
  HOLDFAST_METRICS_TENANTS: flag.default('false'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' }).optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'is not host:port')
    .optional(),
  TEMPORAL_NAMESPACE: name.default('default'),
  TEMPORAL_TASK_QUEUE: name.default('holdfast'),
  TEMPORAL_API_KEY: secret.optional(),
  TEMPORAL_TLS: flag.optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_DATA: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_DATA: secret.optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: z.string().optional(),
  TEMPORAL_TLS_SERVER_NAME: name.optional(),
  TEMPORAL_PORT: port.default(7233),
  TEMPORAL_UI_PORT: port.default(8233),
  OPENAI_API_KEY: secret.optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  ANTHROPIC_API_KEY: secret.optional(),
  ANTHROPIC_BASE_URL: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl
    .regex(
      /^[^?#]*$/,
      'has a query or a fragment, and /v1/traces is added to it: set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the whole URL instead',
    )
    .optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: secret.optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: secret.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal('http/protobuf', 'is not "http/protobuf", the only protocol that spans are sent by')
    .optional(),
  OTEL_SERVICE_NAME: name.optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  OTEL_SDK_DISABLED: flag.optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, `is not a sampler; there are ${SAMPLERS.join(', ')}`)
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'is not a share of traces: a number from 0 to 1')
    .transform(Number)
    .default(1),
  LOG_LEVEL: levels.prefault('info'),
  LOG_FORMAT: z.enum(['pretty', 'json'], 'is neither "pretty" nor "json"').optional(),
  HOLDFAST_LOG_CONTENT: flag.optional(),
  HOLDFAST_TRACE_CONTENT: flag.optional(),
  /** The XDG standard's folder of caches: the default of HOLDFAST_CACHE_DIR is in it. */
  XDG_CACHE_HOME: z.string().optional(),
} satisfies Record<ProductVariable, z.ZodType>)

export type Environment = z.output<typeof ENVIRONMENT>

/** Values that must not reach a log, a child process or a terminal. */
export const SECRET_NAMES = [
  'HOLDFAST_SECRET',
  'HOLDFAST_API_KEY',
  'DATABASE_URL',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'HOLDFAST_EMBEDDINGS_API_KEY',
  'OPENAI_API_KEY',
  'ANTHROPIC_API_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
] as const satisfies readonly (keyof Environment)[]
