import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { TLSConfig } from '@temporalio/client'
import type { App } from '../app/app.ts'
import type { EmbeddingsAccess } from '../app/models/embeddings-access.ts'
import type { ProviderAccess } from '../app/models/provider-access.ts'
import { BUILT_IN_PROVIDERS } from '../policies/models/providers.ts'
import { missingPairs, openWithoutKeys, unknownNames } from './checks.ts'
import { corsOriginsOf } from './cors.ts'
import { ENVIRONMENT, type Environment, isLoopback, SECRET_NAMES } from './environment.ts'
import { type LogConfig, logConfigOf } from './log.ts'
import { temporalTls } from './tls.ts'
import { type TokensConfig, tokensOf } from './tokens.ts'
import { readTraceLists, secretsOfHeaders, type TracesConfig, tracesOf } from './traces.ts'

type Variables = Readonly<Record<string, string | undefined>>

export interface TemporalConfig {
  /** `host:port` of a server that exists; null where the local stack is to run its own. */
  readonly address: string | null
  readonly namespace: string
  readonly taskQueue: string
  /** Ports of the local stack's own server; 0 is any free one. */
  readonly port: number
  readonly uiPort: number
  /** null: no TLS, unless an API key implies it. */
  readonly tls: TLSConfig | boolean | null
  readonly apiKey: string | null
}

export interface DeploymentConfig {
  /** The fleet's name in Temporal's records. */
  readonly name: string
  /** `pinned`: a run stays with the build that it began on. `off`: any worker takes any run. */
  readonly versioning: Environment['HOLDFAST_VERSIONING']
}

export interface MetricsConfig {
  /** Who reads the API's metrics without a key. */
  readonly openTo: 'everybody' | 'here' | 'nobody'
  /** Whether tenants are told apart. */
  readonly tenants: boolean
}

/** The application's part of the environment. */
type AppEnvironment = Pick<App['environment'], 'names' | 'read' | 'readProviders' | 'secretValues'>

/** All settings of a process. Holds secrets: never log it whole. */
export interface Config {
  /** The application's own variables, as its schema has parsed them. */
  readonly appEnv: unknown
  readonly api: { readonly host: string; readonly port: number }
  /** The API that commands of this machine ask, and their key; null where nothing is said. */
  readonly client: { readonly apiUrl: string | null; readonly apiKey: string | null }
  /** Where a worker process says how it is. */
  readonly worker: { readonly host: string; readonly port: number; readonly loopbackOnly: boolean }
  readonly metrics: MetricsConfig
  /** Absolute paths. */
  readonly dataDir: string
  readonly cacheDir: string
  readonly databaseUrl: string | null
  readonly temporal: TemporalConfig
  readonly deployment: DeploymentConfig
  /** The built-in ones, and the application's own. */
  readonly providers: readonly ProviderAccess[]
  /** The server that tells the answer cache which questions mean the same; null where there is none. */
  readonly embeddings: EmbeddingsAccess | null
  /** Absolute path of the operator's file of prices; null where there is none. */
  readonly pricesPath: string | null
  /** Absolute path of the operator's file of dialects; null where there is none. */
  readonly dialectsPath: string | null
  /** Absolute path of the operator's file of limits towards providers; null where there is none. */
  readonly limitsPath: string | null
  /** Absolute path of the operator's file of limits of the API's callers; null where there is none. */
  readonly apiLimitsPath: string | null
  /** `none`: the API listens on loopback only, and all callers are one principal. */
  readonly auth: 'keys' | 'none'
  /** The issuer whose tokens are taken beside API keys; null where there is none. */
  readonly tokens: TokensConfig | null
  /** Origins of the pages that may call. */
  readonly corsOrigins: readonly string[]
  /** The secret that decisions are signed with; null where the local stack makes its own. */
  readonly secret: string | null
  /** Where people open the Temporal Web UI; null where it is not set. */
  readonly webUiUrl: string | null
  /** `full`: the store keeps what goes over the wire to providers, so that runs can be read afterwards. */
  readonly dossier: 'full' | 'off'
  /** Whether a Temporal Schedule has daily reports made. */
  readonly dailyReport: 'on' | 'off'
  /** `host:port` of those that webhooks may reach although they are private, and by plain http. */
  readonly webhookHosts: readonly string[]
  readonly log: LogConfig
  /** Where spans are sent; null where none are made. */
  readonly traces: TracesConfig | null
}

/** All problems of the environment, one a line. No problem contains a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Turns environment variables into the configuration.
 *
 * @param terminal whether logs go to a person's terminal; decides the default of LOG_FORMAT
 * @param app reads the application's own variables; without it only the product's are read
 * @throws ConfigError with every problem at once
 */
export function readConfig(
  variables: Variables,
  terminal = process.stdout.isTTY === true,
  app: AppEnvironment = NO_APP,
): Config {
  const set = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = ENVIRONMENT.safeParse(set)
  const problems = [
    ...unknownNames(set, app.names),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${String(path[0])} ${message}`),
    ...missingPairs(set),
    ...openWithoutKeys(set),
  ]
  const tls = temporalTls(set, problems)
  const appEnv = readAppEnv(app, set, problems)
  const own = app.readProviders(set)
  problems.push(...own.problems)
  const traceLists = readTraceLists(set, problems)
  const tokens = parsed.success ? tokensOf(parsed.data, problems) : null
  const corsOrigins = parsed.success ? corsOriginsOf(parsed.data, problems) : []
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const env = parsed.data
  return {
    appEnv,
    api: { host: env.HOST, port: env.PORT },
    client: { apiUrl: env.HOLDFAST_API_URL ?? null, apiKey: env.HOLDFAST_API_KEY ?? null },
    worker: { host: env.HOST, port: env.HOLDFAST_WORKER_PORT, loopbackOnly: isLoopback(env.HOST) },
    metrics: {
      openTo: isOn(env.HOLDFAST_METRICS_OPEN) ? 'everybody' : isLoopback(env.HOST) ? 'here' : 'nobody',
      tenants: isOn(env.HOLDFAST_METRICS_TENANTS),
    },
    dataDir: resolve(env.HOLDFAST_DATA_DIR),
    cacheDir: resolve(
      env.HOLDFAST_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'holdfast'),
    ),
    databaseUrl: env.DATABASE_URL ?? null,
    temporal: {
      address: env.TEMPORAL_ADDRESS ?? null,
      namespace: env.TEMPORAL_NAMESPACE,
      taskQueue: env.TEMPORAL_TASK_QUEUE,
      port: env.TEMPORAL_PORT,
      uiPort: env.TEMPORAL_UI_PORT,
      tls,
      apiKey: env.TEMPORAL_API_KEY ?? null,
    },
    deployment: { name: env.HOLDFAST_DEPLOYMENT, versioning: env.HOLDFAST_VERSIONING },
    providers: [
      builtIn('openai', env.OPENAI_API_KEY, env.OPENAI_BASE_URL),
      builtIn('anthropic', env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL),
      ...own.providers,
    ],
    embeddings: embeddingsOf(env),
    pricesPath: env.HOLDFAST_PRICES === undefined ? null : resolve(env.HOLDFAST_PRICES),
    dialectsPath: env.HOLDFAST_DIALECTS === undefined ? null : resolve(env.HOLDFAST_DIALECTS),
    limitsPath: env.HOLDFAST_LIMITS === undefined ? null : resolve(env.HOLDFAST_LIMITS),
    apiLimitsPath: env.HOLDFAST_API_LIMITS === undefined ? null : resolve(env.HOLDFAST_API_LIMITS),
    auth: env.HOLDFAST_AUTH,
    tokens,
    corsOrigins,
    secret: env.HOLDFAST_SECRET ?? null,
    webUiUrl: env.HOLDFAST_WEB_UI_URL ?? null,
    dossier: env.HOLDFAST_DOSSIER,
    dailyReport: env.HOLDFAST_DAILY_REPORT,
    webhookHosts: env.HOLDFAST_WEBHOOK_HOSTS,
    log: logConfigOf(env, {
      terminal,
      moreSecrets: [...app.secretValues(set), ...secretsOfHeaders(traceLists)],
    }),
    traces: tracesOf(env, traceLists),
  }
}

/** The configuration of this process: its environment, and `.env` of the working directory for what the environment leaves out. */
export function loadConfig(app?: AppEnvironment): Config {
  return readConfig(loadVariables(), undefined, app)
}

/** The servers that the local stack starts by itself, and that an API or worker process is pointed to. */
interface Servers {
  readonly databaseUrl: string
  readonly temporalAddress: string
  /** The secret that decisions are signed with; null where they need no signature. */
  readonly signedWith: string | null
}

/**
 * The settings that an API or worker process cannot do without.
 *
 * @param more the caller's own problems, reported with the rest: an operator should not meet them one start after another
 * @throws ConfigError with every problem at once
 */
export function requireServers(config: Config, more: readonly string[] = []): Servers {
  const { databaseUrl, auth, secret } = config
  const temporalAddress = config.temporal.address
  const problems = [...more]
  if (auth === 'keys' && secret === null)
    problems.unshift('HOLDFAST_SECRET is not set: the API signs decisions with it, and workers check them')
  if (temporalAddress === null) problems.unshift('TEMPORAL_ADDRESS is not set: a Temporal server')
  if (databaseUrl === null) problems.unshift('DATABASE_URL is not set: a Postgres server')
  if (databaseUrl === null || temporalAddress === null || problems.length > 0) throw new ConfigError(problems)
  return { databaseUrl, temporalAddress, signedWith: auth === 'none' ? null : secret }
}

/** The application's file, as HOLDFAST_APP names it. Read on its own, since the rest can only be read once the application is loaded. */
export function loadAppPath(): string | null {
  return loadVariables().HOLDFAST_APP || null
}

/** The variables of this process, with those of `.env`. Holds secrets. */
export function loadVariables(): Variables {
  return { ...dotEnv(), ...process.env }
}

/** The environment for a child process that must not see secrets, neither the product's nor the application's. */
export function childEnvironment(
  extra: Readonly<Record<string, string>> = {},
  appSecrets: readonly string[] = [],
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...extra }
  for (const name of [...SECRET_NAMES, ...appSecrets]) delete environment[name]
  return environment
}

function dotEnv(): Variables {
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new ConfigError([`.env is there but could not be read (${(error as NodeJS.ErrnoException).code})`])
  }
}

const NO_APP: AppEnvironment = {
  names: [],
  read: () => ({ env: {} }),
  readProviders: () => ({ providers: [], problems: [] }),
  secretValues: () => [],
}

/** Adds the application's problems to `problems`. */
function readAppEnv(app: AppEnvironment, set: Variables, problems: string[]): unknown {
  const read = app.read(set)
  if ('env' in read) return read.env
  problems.push(...read.problems)
  return null
}

function isOn(flag: '1' | 'true' | '0' | 'false'): boolean {
  return flag === '1' || flag === 'true'
}

function embeddingsOf(env: Environment): EmbeddingsAccess | null {
  const { HOLDFAST_EMBEDDINGS_BASE_URL: baseUrl, HOLDFAST_EMBEDDINGS_MODEL: model } = env
  if (baseUrl === undefined || model === undefined) return null
  const { HOLDFAST_EMBEDDINGS_API_KEY: apiKey = null, HOLDFAST_EMBEDDINGS_PREFIX: prefix } = env
  return { baseUrl, apiKey, model, prefix }
}

function builtIn(
  name: keyof typeof BUILT_IN_PROVIDERS,
  apiKey: string | undefined,
  baseUrl: string | undefined,
): ProviderAccess {
  const row = BUILT_IN_PROVIDERS[name]
  const keyVariable = ({ openai: 'OPENAI_API_KEY', anthropic: 'ANTHROPIC_API_KEY' } as const)[name]
  return { name, wires: row.wires, baseUrl: baseUrl ?? row.baseUrl, apiKey: apiKey ?? null, keyVariable }
}
