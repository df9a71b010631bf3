import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { TLSConfig } from '@temporalio/client'
import type { App } from './app/app.ts'
import { ENVIRONMENT, type Environment, isLoopback, SECRET_NAMES } from './config.schema.ts'

type Variables = Readonly<Record<string, string | undefined>>

interface ProviderConfig {
  readonly apiKey: string
  readonly baseUrl?: string
}

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

export interface LogConfig {
  readonly level: Environment['LOG_LEVEL']
  readonly format: 'pretty' | 'json'
}

/** The application's part of the environment. */
type AppEnvironment = Pick<App['environment'], 'names' | 'read'>

/** Everything that can be set from outside. Holds secrets: never log it whole. */
export interface Config {
  /** The application's own variables, as it reads them. */
  readonly appEnv: unknown
  readonly api: { readonly host: string; readonly port: number }
  /** Absolute paths. */
  readonly dataDir: string
  readonly cacheDir: string
  readonly databaseUrl: string | null
  readonly temporal: TemporalConfig
  readonly providers: { readonly openai: ProviderConfig | null; readonly anthropic: ProviderConfig | null }
  /** An operator's file of prices, absolute; null where the built-in ones do. */
  readonly pricesPath: string | null
  /** An operator's file of how servers want requests, absolute; null where the built-in table does. */
  readonly dialectsPath: string | null
  /** `none` serves this machine alone, and everybody on it as one principal. */
  readonly auth: 'keys' | 'none'
  /** What decisions are signed with. null: the local stack makes its own. */
  readonly secret: string | null
  /** Where people open the Temporal Web UI; null where it is not said. */
  readonly webUiUrl: string | null
  readonly log: LogConfig
}

/** All that is wrong with the environment, one problem a line. Values of secrets are not in it. */
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
 * @param app what the application reads of them; nothing where it is not given
 * @param terminal whether logs go to a person's terminal; decides the default of LOG_FORMAT
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
    ...openDoors(set),
  ]
  const tls = temporalTls(set, problems)
  const appEnv = readAppEnv(app, set, problems)
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const env = parsed.data
  return {
    appEnv,
    api: { host: env.HOST, port: env.PORT },
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
    providers: {
      openai: provider(env.OPENAI_API_KEY, env.OPENAI_BASE_URL),
      anthropic: provider(env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL),
    },
    pricesPath: env.HOLDFAST_PRICES === undefined ? null : resolve(env.HOLDFAST_PRICES),
    dialectsPath: env.HOLDFAST_DIALECTS === undefined ? null : resolve(env.HOLDFAST_DIALECTS),
    auth: env.HOLDFAST_AUTH,
    secret: env.HOLDFAST_SECRET ?? null,
    webUiUrl: env.HOLDFAST_WEB_UI_URL ?? null,
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT ?? (terminal ? 'pretty' : 'json') },
  }
}

/** The configuration of this process: its environment, and `.env` of the working directory where that says nothing. */
export function loadConfig(app?: AppEnvironment): Config {
  return readConfig(loadVariables(), undefined, app)
}

/** What the local stack brings by itself, and an API or worker process gets from outside. */
interface Servers {
  readonly databaseUrl: string
  readonly temporalAddress: string
  /** What decisions are signed with; null where everybody is believed. */
  readonly signedWith: string | null
}

/**
 * What an API or worker process needs of the configuration.
 *
 * @param more what else is wrong, to be told with the rest: an operator is not to learn of it one start after another
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

/** The application's file, as HOLDFAST_APP names it: looked at before the rest can be, which takes the application to read. */
export function loadAppPath(): string | null {
  return loadVariables().HOLDFAST_APP || null
}

/** The variables of this process, with those of `.env`. Holds secrets. */
export function loadVariables(): Variables {
  return { ...dotEnv(), ...process.env }
}

/** The environment for a child process that has no business with our secrets, nor with those of the application. */
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

const NO_APP: AppEnvironment = { names: [], read: () => ({ env: {} }) }

/** Its problems go to the others. */
function readAppEnv(app: AppEnvironment, set: Variables, problems: string[]): unknown {
  const read = app.read(set)
  if ('env' in read) return read.env
  problems.push(...read.problems)
  return null
}

/** A misspelt name of ours would otherwise be a setting that silently does nothing. */
function unknownNames(set: Variables, ofApp: readonly string[]): string[] {
  const ours = Object.keys(ENVIRONMENT.shape).filter((name) => name.startsWith('HOLDFAST_'))
  return Object.keys(set)
    .filter((name) => name.startsWith('HOLDFAST_') && !ours.includes(name) && !ofApp.includes(name))
    .map((name) => `${name} is not a name that Holdfast knows; there are ${ours.join(', ')}`)
}

const NEEDS = [
  ['OPENAI_BASE_URL', ['OPENAI_API_KEY']],
  ['ANTHROPIC_BASE_URL', ['ANTHROPIC_API_KEY']],
  ['TEMPORAL_API_KEY', ['TEMPORAL_ADDRESS']],
  ['TEMPORAL_TLS_CLIENT_CERT_PATH', ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_CLIENT_KEY_DATA']],
  ['TEMPORAL_TLS_CLIENT_CERT_DATA', ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_CLIENT_KEY_DATA']],
  ['TEMPORAL_TLS_CLIENT_KEY_PATH', ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_CERT_DATA']],
  ['TEMPORAL_TLS_CLIENT_KEY_DATA', ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_CERT_DATA']],
] as const satisfies readonly (readonly [keyof Environment, readonly (keyof Environment)[]])[]

function missingPairs(set: Variables): string[] {
  return NEEDS.filter(([name, partners]) => name in set && !partners.some((partner) => partner in set)).map(
    ([name, partners]) => `${name} is set but ${partners.join(' or ')} is not: they go together`,
  )
}

function openDoors({ HOLDFAST_AUTH, HOST = '127.0.0.1' }: Variables): string[] {
  if (HOLDFAST_AUTH !== 'none' || isLoopback(HOST)) return []
  return ['HOST is not a loopback address, and HOLDFAST_AUTH=none serves this machine alone']
}

function provider(apiKey: string | undefined, baseUrl: string | undefined): ProviderConfig | null {
  if (apiKey === undefined) return null
  return { apiKey, ...(baseUrl !== undefined && { baseUrl }) }
}

/** As Temporal's tools read it: TEMPORAL_TLS says yes or no, any other TLS setting says yes. */
function temporalTls(set: Variables, problems: string[]): TLSConfig | boolean | null {
  const crt = pem('TEMPORAL_TLS_CLIENT_CERT', set, problems)
  const key = pem('TEMPORAL_TLS_CLIENT_KEY', set, problems)
  const serverRootCACertificate = pem('TEMPORAL_TLS_SERVER_CA_CERT', set, problems)
  const serverNameOverride = set.TEMPORAL_TLS_SERVER_NAME
  const details: TLSConfig = {
    ...(crt && key && { clientCertPair: { crt, key } }),
    ...(serverRootCACertificate && { serverRootCACertificate }),
    ...(serverNameOverride !== undefined && { serverNameOverride }),
  }
  if (set.TEMPORAL_TLS === '0' || set.TEMPORAL_TLS === 'false') return false
  if (Object.keys(details).length > 0) return details
  return set.TEMPORAL_TLS === undefined ? null : true
}

type Pem = 'TEMPORAL_TLS_CLIENT_CERT' | 'TEMPORAL_TLS_CLIENT_KEY' | 'TEMPORAL_TLS_SERVER_CA_CERT'

function pem(name: Pem, set: Variables, problems: string[]): Uint8Array | undefined {
  const path = set[`${name}_PATH`]
  const data = set[`${name}_DATA`]
  if (path !== undefined && data !== undefined)
    problems.push(`${name}_PATH and ${name}_DATA are both set: one is enough`)
  if (data !== undefined) return Buffer.from(data)
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    problems.push(
      `${name}_PATH names a file that could not be read (${(error as NodeJS.ErrnoException).code})`,
    )
    return undefined
  }
}
