import type { Database } from '../../../../src/store/database/database.ts'
import type { Script } from '../../../../src/testing/script.ts'
import {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from '../../../../src/testing/start-scripted-provider.ts'
import { startApi } from '../../../api/support/start-api.ts'
import { type ListeningProcess, startWorkerProcess, variablesFor } from '../../../support/holdfast-process.ts'
import { openPostgresTestDatabase } from '../../../support/postgres-database.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../../support/temporal.ts'
import { type Caller, createCaller } from '../../runs/support/caller.ts'
import payDesk from './pay-desk/app.ts'
import { openDesk } from './pay-desk/books.ts'

/** The whole system on Postgres, with the pay desk: API and scripted models in this process, workers as processes that can be killed. */
export interface ChaosSystem {
  readonly caller: Caller
  readonly database: Database
  readonly databaseUrl: string
  readonly temporal: TemporalEnvironment
  readonly provider: ScriptedProvider
  /** `databaseUrl` where the worker is to reach the store by another way; `more` for variables of its own; `program` for another build, `app` for its pay desk. */
  startWorker(
    databaseUrl?: string,
    more?: Readonly<Record<string, string>>,
    program?: string,
    app?: string,
  ): Promise<ListeningProcess>
  /** Ends every worker that still runs. */
  killWorkers(): Promise<void>
  /** The same, in good order. */
  terminateWorkers(): Promise<void>
  close(): Promise<void>
}

export interface ChaosOptions {
  /** Where it is given, callers need keys and decisions are signed with it. */
  readonly secret?: string
  /** How many requests the scripted provider's book keeps. */
  readonly keepRequests?: number
  /** What the workers run in place of their own program. */
  readonly workerProgram?: string
  /** What the scripted provider charges for a call, in micro-USD, for its ledger. */
  readonly price?: ScriptedProviderOptions['price']
  /** `host:port` of the test's own endpoints of webhooks, for the API; workers are told by a variable. */
  readonly webhookHosts?: readonly string[]
}

const PAY_DESK = 'test/system/chaos/support/pay-desk/app.ts'

export async function startChaosSystem(
  script: Script,
  { secret, keepRequests = 1_000, workerProgram, price, webhookHosts = [] }: ChaosOptions = {},
): Promise<ChaosSystem> {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const { database, url: databaseUrl, close } = await openPostgresTestDatabase()
  cleanup.defer(close)
  await openDesk(database)
  const provider = await startScriptedProvider({ script, keep: keepRequests, ...(price && { price }) })
  cleanup.defer(() => provider.close())
  const api = await startApi(database, temporal.client, temporal.taskQueue, {
    app: payDesk,
    webhookHosts,
    ...(secret !== undefined && { auth: 'keys', secret }),
  })
  cleanup.defer(() => api.close())

  const workers: Promise<ListeningProcess>[] = []
  /** Those that are still starting, too: a test may end before its last worker is there. Who has waited for one knows that it failed. */
  const endWorkers = async (how: 'kill' | 'terminate') => {
    await Promise.all(
      workers.splice(0).map((worker) =>
        worker.then(
          async (started) => void (await started[how]()),
          () => undefined,
        ),
      ),
    )
  }
  const killWorkers = () => endWorkers('kill')
  cleanup.defer(killWorkers)
  const open = cleanup.move()

  return {
    caller: createCaller(api.url),
    database,
    databaseUrl,
    temporal,
    provider,
    startWorker(url = databaseUrl, more = {}, program = workerProgram, app = PAY_DESK) {
      const variables = {
        ...variablesFor({ databaseUrl: url, temporal, provider }),
        ...(secret !== undefined && { HOLDFAST_AUTH: 'keys', HOLDFAST_SECRET: secret }),
        ...more,
      }
      const worker = startWorkerProcess({ app, variables, ...(program !== undefined && { program }) })
      workers.push(worker)
      return worker
    },
    killWorkers,
    terminateWorkers: () => endWorkers('terminate'),
    close: () => open.disposeAsync(),
  }
}
