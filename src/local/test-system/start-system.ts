import { randomBytes } from 'node:crypto'
import type { AppDatabase } from '../../app/app-database.ts'
import { toAppDatabase } from '../../store/database/app-database.ts'
import { migrate } from '../../store/database/migrate.ts'
import type { Script } from '../../testing/script.ts'
import {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from '../../testing/start-scripted-provider.ts'
import { scriptedProviders } from '../scripted-providers.ts'
import { type Service, type ServiceOptions, startService } from '../start-service.ts'

/** What a system under test consists of. Store and Temporal are opened by the caller, and stay the caller's. */
export interface SystemOptions
  extends Pick<
    ServiceOptions,
    | 'app'
    | 'appEnv'
    | 'database'
    | 'access'
    | 'logger'
    | 'telemetry'
    | 'logsContent'
    | 'workflowBundle'
    | 'identity'
    | 'breakers'
    | 'keepsPauses'
    | 'embeddings'
    | 'webhookHosts'
    | 'callers'
  > {
  readonly temporal: Omit<ServiceOptions['temporal'], 'taskQueue'> & {
    /** A queue of the system's own where none is named, so that systems can share a server. */
    readonly taskQueue?: string
  }
  /** Fills the application's tables before anything runs. */
  readonly seed?: (db: AppDatabase) => Promise<void>
  /** Answers every model call. */
  readonly script: Script
  /** How many of the latest requests the scripted provider keeps; see `ScriptedProviderOptions`. */
  readonly keepRequests?: number
  /** What a call costs, for the provider's ledger. */
  readonly price?: ScriptedProviderOptions['price']
}

/** API and worker in this process, and scripted models behind the real provider adapters. */
export interface System {
  readonly service: Service
  readonly provider: ScriptedProvider
  /** The application's database. */
  readonly db: AppDatabase
  /** Stops API, worker and models. */
  close(): Promise<void>
}

/** Migrates the store for the application, and starts everything that stands on it. */
export async function startSystem({
  temporal,
  seed,
  script,
  keepRequests,
  price,
  // A test's outage, or a pause that its provider asks for, would keep the next test's calls from their models.
  breakers = null,
  keepsPauses = false,
  ...options
}: SystemOptions): Promise<System> {
  const { app, database } = options
  await using cleanup = new AsyncDisposableStack()
  await migrate(database, app)
  const db = toAppDatabase(database)
  await seed?.(db)
  const provider = await startScriptedProvider({
    script,
    ...(keepRequests !== undefined && { keep: keepRequests }),
    ...(price !== undefined && { price }),
  })
  cleanup.defer(() => provider.close())
  const service = await startService({
    ...options,
    breakers,
    keepsPauses,
    temporal: { taskQueue: newTaskQueue(), ...temporal },
    providers: scriptedProviders(app.models, provider.url),
    api: { host: '127.0.0.1', port: 0 },
    webUiUrl: null,
  })
  cleanup.defer(() => service.stop())
  const running = cleanup.move()
  return { service, provider, db, close: () => running.disposeAsync() }
}

/** A task queue that no other system has. */
export function newTaskQueue(): string {
  return `test-${randomBytes(4).toString('hex')}`
}
