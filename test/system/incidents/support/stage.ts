import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import type { Script } from '../../../../src/testing/script.ts'
import { type Answer, post } from '../../../api/support/post.ts'
import { makeKey } from '../../../api/support/test-keys.ts'
import { type Installation, startInstallation } from '../../../support/installation.ts'
import { type PrometheusServer, startPrometheus } from '../../../support/prometheus/start-prometheus.ts'
import { type Caller, createCaller } from '../../runs/support/caller.ts'
import { type Carrier, startCarrier } from './carrier.ts'
import { createOnCall, type OnCall } from './on-call.ts'
import { createShell } from './shell.ts'

/** An installation that is watched: with logs, and a Prometheus that scrapes it. */
export interface Stage extends Omit<Installation, 'temporal' | 'apiUrl' | 'pages'> {
  /** What the desk's tool calls. */
  readonly carrier: Carrier
  readonly prometheus: PrometheusServer
  readonly onCall: OnCall
  /** Starts a run, as a principal of that name. */
  start(principal: string, body: { agent: string; input: string }): Promise<Answer<RunResource>>
  /** The API as an operator uses it. */
  readonly operator: Caller
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
const DESK = `${FOLDER}/app.ts`
export const NEXT_DESK = `${FOLDER}/next-app.ts`

export async function openStage({ directory, minuteMs = 2_000, ...options }: StageOptions): Promise<Stage> {
  await using cleanup = new AsyncDisposableStack()
  const carrier = await startCarrier()
  cleanup.defer(() => carrier.close())
  const logs = join(directory, 'logs')
  mkdirSync(logs)
  const variables = { CARRIER_URL: carrier.url }
  const installation = cleanup.use(await startInstallation({ ...options, app: DESK, variables, logs }))
  const { database, databaseUrl, provider, apiUrl, pages, startWorker } = installation

  const operator = await makeKey(database, { principal: 'operator', scopes: ['admin', 'operator'] })
  const prometheus = await startPrometheus({ directory, pages, clock: minuteMs / 60_000 })
  cleanup.defer(() => prometheus.close())
  const shell = createShell({ directory, apiUrl, key: operator.text, databaseUrl, logs })
  const keys = new Map<string, ReturnType<typeof makeKey>>()
  const open = cleanup.move()
  return {
    database,
    databaseUrl,
    provider,
    carrier,
    prometheus,
    onCall: createOnCall(prometheus, shell),
    operator: createCaller(apiUrl, operator.headers),
    async start(principal, body) {
      const own = keys.get(principal) ?? makeKey(database, { principal, scopes: ['runs:*'] })
      keys.set(principal, own)
      return post<RunResource>(`${apiUrl}/v1/runs`, body, (await own).headers)
    },
    startWorker,
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
