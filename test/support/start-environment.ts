import type { Logger } from 'pino'
import type { AppDatabase } from '../../src/app/app-database.ts'
import type { EmbeddingsAccess } from '../../src/app/models/embeddings-access.ts'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import type { App } from '../../src/index.ts'
import type { Service } from '../../src/local/start-service.ts'
import { startSystem } from '../../src/local/test-system/start-system.ts'
import type { BreakerPolicy } from '../../src/policies/models/breakers.ts'
import type { Database } from '../../src/store/database/database.ts'
import type { Telemetry } from '../../src/telemetry/telemetry.ts'
import { plainScript } from '../../src/testing/plain-script.ts'
import type { Script } from '../../src/testing/script.ts'
import type { ScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import office from './office.ts'
import { openPgliteTestDatabase } from './pglite.ts'
import { openPostgresTestDatabase } from './postgres-database.ts'
import { type StartedPlan, startPlan } from './start-plan.ts'
import { type TemporalEnvironment, temporalEnvironment } from './temporal.ts'
import { testLogger } from './test-runtime.ts'
import { testWorkflowBundle } from './workflow-bundle.ts'

export interface EnvironmentOptions {
  /** The office where none is given. */
  readonly app?: App
  readonly seed?: (db: AppDatabase) => Promise<void>
  readonly store?: Database['kind']
  /** What the models say; where it is not given, they repeat what they were asked. */
  readonly script?: Script
  /** How many requests the scripted provider records: a long conversation would fill the memory. */
  readonly keepRequests?: number
  /** The embeddings server of the answer cache. */
  readonly embeddings?: EmbeddingsAccess
  /** The circuit breakers of the worker; without it there are none. */
  readonly breakers?: BreakerPolicy
  /** Whether a pause that a provider asks one call for holds for all; it does not where nothing is said. */
  readonly keepsPauses?: boolean
  /** Says nothing, and is told nothing, where they are not given. */
  readonly logger?: Logger
  readonly telemetry?: Telemetry
  readonly logsContent?: boolean
  /** `host:port` of the test's own endpoints of webhooks. */
  readonly webhookHosts?: readonly string[]
  /** Who else may call, beside the bearers of keys: pages of these origins. */
  readonly callers?: { readonly tokens: null; readonly corsOrigins: readonly string[] }
  /** Asks callers for keys, and signals for this signature. Without it the service is open. */
  readonly secret?: string
}

/** The whole system in this process: API, worker, store and scripted models, over the test run's Temporal server. */
export interface Environment {
  readonly service: Service
  readonly temporal: TemporalEnvironment
  readonly database: Database
  readonly provider: ScriptedProvider
  /** Starts a run of a plan that no agent has, as the API would start it. */
  startPlan(plan: RunPlan, input: string): Promise<StartedPlan>
  close(): Promise<void>
}

export async function startEnvironment({
  app = office,
  store = 'pglite',
  script = plainScript,
  secret,
  logger = testLogger,
  ...options
}: EnvironmentOptions = {}): Promise<Environment> {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const opened = store === 'pglite' ? await openPgliteTestDatabase() : await openPostgresTestDatabase()
  cleanup.defer(() => opened.close())
  const { database } = opened
  const system = await startSystem({
    ...options,
    app,
    temporal,
    database,
    script,
    access: secret === undefined ? 'open' : { secret },
    logger,
    workflowBundle: await testWorkflowBundle(),
    // Of the same length on every machine: most events of a history contain it, and tests count bytes.
    identity: `${process.pid}@test`,
  })
  cleanup.defer(() => system.close())
  const open = cleanup.move()
  const { service, provider } = system
  return {
    service,
    temporal,
    database,
    provider,
    startPlan: (plan, input) => startPlan(database, temporal, plan, input),
    close: () => open.disposeAsync(),
  }
}
