import { join } from 'node:path'
import type { Database } from '../../src/store/database/database.ts'
import type { Script } from '../../src/testing/script.ts'
import { type ScriptedProvider, startScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import { makeKey } from '../api/support/test-keys.ts'
import {
  type ListeningProcess,
  startApiProcess,
  startWorkerProcess,
  variablesFor,
} from './holdfast-process.ts'
import { openPostgresTestDatabase } from './postgres-database.ts'
import type { Pages } from './prometheus/pages.ts'
import { type TemporalEnvironment, temporalEnvironment } from './temporal.ts'

/** The product as a team runs it: an API that asks for keys and a worker, as processes, on Postgres, Temporal and scripted models. */
export interface Installation extends AsyncDisposable {
  readonly temporal: TemporalEnvironment
  readonly database: Database
  readonly databaseUrl: string
  /** OpenAI and Anthropic. */
  readonly provider: ScriptedProvider
  readonly apiUrl: string
  readonly pages: Pages
  /** Starts another worker, of this application. */
  startWorker(app: string): Promise<void>
}

export interface InstallationOptions {
  readonly script: Script
  /** The file of the workers' application. */
  readonly app: string
  /** The API's, where it is another one. */
  readonly apiApp?: string
  /** The worker's program, where it is not the product's own. */
  readonly workerProgram?: string
  /** What the application wants to be told. */
  readonly variables?: Readonly<Record<string, string>>
  /** A directory for the logs, `api.log` and `worker.log`. */
  readonly logs: string
}

export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { script, app, apiApp = app, workerProgram, logs } = options
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const { database, url: databaseUrl, close } = await openPostgresTestDatabase()
  cleanup.defer(close)
  const provider = await startScriptedProvider({ script })
  cleanup.defer(() => provider.close())
  const variables = {
    ...variablesFor({ databaseUrl, temporal, provider }),
    HOLDFAST_AUTH: 'keys',
    HOLDFAST_SECRET: 'a secret of thirty-two characters or more',
    LOG_LEVEL: 'info',
    ...options.variables,
  }
  const processes: Promise<ListeningProcess>[] = []
  cleanup.defer(async () => {
    // Who has waited for one that did not come up knows it.
    for (const process of await Promise.allSettled(processes))
      if (process.status === 'fulfilled') await process.value.kill()
  })
  const started = (process: Promise<ListeningProcess>) => {
    processes.push(process)
    return process
  }
  const startWorker = (workerApp: string, program?: string) =>
    started(
      startWorkerProcess({
        app: workerApp,
        variables,
        log: join(logs, 'worker.log'),
        ...(program !== undefined && { program }),
      }),
    )
  const [api, worker] = await Promise.all([
    started(startApiProcess({ app: apiApp, variables, log: join(logs, 'api.log') })),
    startWorker(app, workerProgram),
  ])
  const scraper = await makeKey(database, { principal: 'prometheus', scopes: ['metrics:read'] })
  const running = cleanup.move()
  return {
    temporal,
    database,
    databaseUrl,
    provider,
    apiUrl: api.url,
    pages: {
      api: { target: new URL(api.url).host },
      worker: { target: new URL(worker.url).host },
      key: scraper.text,
    },
    startWorker: async (workerApp) => void (await startWorker(workerApp)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
