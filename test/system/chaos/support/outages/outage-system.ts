import pino from 'pino'
import type { Database } from '../../../../../src/store/database/database.ts'
import { openPostgres } from '../../../../../src/store/database/postgres.ts'
import type { Script } from '../../../../../src/testing/script.ts'
import {
  type ScriptedProvider,
  startScriptedProvider,
} from '../../../../../src/testing/start-scripted-provider.ts'
import { makeKey } from '../../../../api/support/test-keys.ts'
import {
  type ListeningProcess,
  startApiProcess,
  startWorkerProcess,
  variablesFor,
} from '../../../../support/holdfast-process.ts'
import { type PostgresServer, startPostgres } from '../../../../support/postgres.ts'
import { openDesk } from '../pay-desk/books.ts'
import { type RestartableTemporal, startRestartableTemporal } from './restartable-temporal.ts'

/** The pay desk as a team runs it, on a Temporal and a Postgres of its own, which can stop, hang and come back. */
export interface OutageSystem extends AsyncDisposable {
  readonly postgres: PostgresServer
  readonly temporal: RestartableTemporal
  readonly provider: ScriptedProvider
  /** The test's own connections: they are gone after a restart, and opened again. */
  readonly database: Database
  readonly api: ListeningProcess
  /** An admin's, in an `authorization` header. */
  readonly key: Record<string, string>
  startWorker(): Promise<ListeningProcess>
}

export interface OutageSystemOptions {
  readonly script: Script
  readonly keepRequests?: number
  /** `host:port` of the test's own endpoints of webhooks. */
  readonly webhookHosts?: readonly string[]
}

const APP = 'test/system/chaos/support/pay-desk/app.ts'
const TASK_QUEUE = 'outages'

export async function startOutageSystem(options: OutageSystemOptions): Promise<OutageSystem> {
  const { script, keepRequests = 1_000, webhookHosts = [] } = options
  await using cleanup = new AsyncDisposableStack()
  const temporal = await startRestartableTemporal()
  cleanup.defer(() => temporal.stop())
  const postgres = await startPostgres()
  cleanup.defer(() => postgres.stop())
  const database = openPostgres({ url: postgres.url, logger: pino({ level: 'silent' }), callersWait: true })
  cleanup.defer(() => database.close())
  await openDesk(database)
  const provider = await startScriptedProvider({ script, keep: keepRequests })
  cleanup.defer(() => provider.close())
  const { headers } = await makeKey(database, { principal: 'local' })
  const variables = {
    ...variablesFor({
      databaseUrl: postgres.url,
      temporal: { address: temporal.address, taskQueue: TASK_QUEUE },
      provider,
    }),
    HOLDFAST_AUTH: 'keys',
    HOLDFAST_SECRET: 'a secret of thirty-two characters or more',
    ...(webhookHosts.length > 0 && { HOLDFAST_WEBHOOK_HOSTS: webhookHosts.join(',') }),
  }
  const killed = (process: ListeningProcess) => {
    cleanup.defer(async () => void (await process.kill()))
    return process
  }
  const api = killed(await startApiProcess({ app: APP, variables }))
  const running = cleanup.move()
  return {
    postgres,
    temporal,
    provider,
    database,
    api,
    key: headers,
    async startWorker() {
      const worker = await startWorkerProcess({ app: APP, variables })
      running.defer(async () => void (await worker.kill()))
      return worker
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
