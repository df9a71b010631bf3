import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createKey } from '../../../../src/api/access/create-key.ts'
import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import type { Grant } from '../../../../src/contracts/access/api-key.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import type { Script } from '../../../../src/testing/script.ts'
import {
  type ScriptedProvider,
  startScriptedProvider,
} from '../../../../src/testing/start-scripted-provider.ts'
import { type Answer, post } from '../../../api/support/post.ts'
import { openPostgresTestDatabase } from '../../../support/postgres-database.ts'
import { temporalEnvironment } from '../../../support/temporal.ts'
import { type Caller, createCaller } from '../../runs/support/caller.ts'
import { type Carrier, startCarrier } from './carrier.ts'
import { startLoggedProcess } from './logged-process.ts'
import { createOnCall, type OnCall } from './on-call.ts'
import { type ScaledPrometheus, startScaledPrometheus } from './scaled-prometheus.ts'
import { createShell } from './shell.ts'

/** An installation that is watched: an API and a worker as processes, with logs, on Postgres and Temporal, and a Prometheus that scrapes them. */
export interface Stage extends AsyncDisposable {
  readonly database: Database
  readonly databaseUrl: string
  /** OpenAI and Anthropic. */
  readonly provider: ScriptedProvider
  /** What the desk's tool calls. */
  readonly carrier: Carrier
  readonly prometheus: ScaledPrometheus
  readonly onCall: OnCall
  /** Starts a run, as a principal of that name. */
  start(principal: string, body: { agent: string; input: string }): Promise<Answer<RunResource>>
  /** The API as an operator uses it. */
  readonly operator: Caller
  /** Starts another worker, of this application. */
  startWorker(app: string): Promise<void>
}

export interface StageOptions {
  /** An empty directory: for logs, keys and Prometheus' data. */
  readonly directory: string
  readonly script: Script
  readonly apiApp?: string
  /** The worker's program, where it is not the product's own. */
  readonly workerProgram?: string
  /** How long a minute of the alerts' rules lasts; 2 seconds where it is not given. */
  readonly minuteMs?: number
}

const FOLDER = 'test/system/incidents/support/desk'
export const DESK = `${FOLDER}/app.ts`
export const NEXT_DESK = `${FOLDER}/next-app.ts`

export async function openStage({
  directory,
  script,
  apiApp = DESK,
  workerProgram,
  minuteMs = 2_000,
}: StageOptions): Promise<Stage> {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const { database, url: databaseUrl, close } = await openPostgresTestDatabase()
  cleanup.defer(close)
  const provider = await startScriptedProvider({ script })
  cleanup.defer(() => provider.close())
  const carrier = await startCarrier()
  cleanup.defer(() => carrier.close())
  const logs = join(directory, 'logs')
  mkdirSync(logs)
  const variables = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_TASK_QUEUE: temporal.taskQueue,
    HOLDFAST_SECRET: 'a secret of thirty-two characters or more',
    OPENAI_API_KEY: 'test',
    OPENAI_BASE_URL: `${provider.url}/v1`,
    ANTHROPIC_API_KEY: 'test',
    ANTHROPIC_BASE_URL: provider.url,
    CARRIER_URL: carrier.url,
    PORT: '0',
    HOLDFAST_WORKER_PORT: '0',
  }
  const startProcess = (command: 'api' | 'worker', app: string, program?: string) => {
    const log = join(logs, `${command}.log`)
    return startLoggedProcess({ command, app, variables, log, ...(program !== undefined && { program }) })
  }
  const api = await startProcess('api', apiApp)
  cleanup.defer(() => api.kill())
  const worker = await startProcess('worker', DESK, workerProgram)
  cleanup.defer(() => worker.kill())

  const keyOf = async (principal: string, scopes: readonly Grant[]) => {
    const about = { tenant: 'default', principal, groups: [], scopes, expiresAt: null }
    return (await createKey(database, about)).text
  }
  const keys = new Map<string, Promise<string>>()
  const key = await keyOf('operator', ['admin'])
  const pages = {
    api: { target: new URL(api.url).host },
    worker: { target: new URL(worker.url).host },
    key,
  }
  const prometheus = await startScaledPrometheus(directory, pages, minuteMs)
  cleanup.defer(() => prometheus.close())
  const shell = createShell({ directory, apiUrl: api.url, key, databaseUrl, logs })
  const open = cleanup.move()
  return {
    database,
    databaseUrl,
    provider,
    carrier,
    prometheus,
    onCall: createOnCall(prometheus, shell),
    operator: createCaller(api.url, { authorization: `Bearer ${key}` }),
    async start(principal, body) {
      const own = keys.get(principal) ?? keyOf(principal, ['runs:*'])
      keys.set(principal, own)
      return post<RunResource>(`${api.url}/v1/runs`, body, { authorization: `Bearer ${await own}` })
    },
    async startWorker(app) {
      const process = await startProcess('worker', app)
      open.defer(() => process.kill())
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/**
 * Alerts about processes that answer late. A scrape has 2 seconds here in place of 10, and an overloaded machine may not be that fast: then they are
 * about the machine, and not about the incident.
 */
const OF_THE_MACHINE = ['HoldfastTargetDown', 'HoldfastEventLoopLag']

/** Fails where an alert has fired that is neither what the incident is about nor an expected consequence of it. */
export async function assertQuiet({ prometheus }: Stage, expected: readonly string[]): Promise<void> {
  const fired = await prometheus.everFired()
  assert.deepEqual(
    fired.filter((name) => ![...expected, ...OF_THE_MACHINE].includes(name)),
    [],
    'alerts that have nothing to do with it',
  )
}
