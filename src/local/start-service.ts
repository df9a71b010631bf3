import { Client, Connection, type TLSConfig } from '@temporalio/client'
import { NativeConnection, type WorkflowBundleOption } from '@temporalio/worker'
import type { Logger } from 'pino'
import { createAdmission } from '../activities/approvals/admission.ts'
import { buildServer } from '../api/server.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config.ts'
import type { Database } from '../store/database/database.ts'
import { createAppActivities } from '../worker/app-activities.ts'
import { createWorker } from '../worker/create-worker.ts'

export interface ServiceOptions {
  readonly app: App
  /** The application's own variables, as it has read them; left out by those that have none. */
  readonly appEnv?: unknown
  readonly temporal: {
    readonly address: string
    readonly namespace: string
    readonly taskQueue: string
    readonly tls?: TLSConfig | boolean | null
    readonly apiKey?: string | null
  }
  readonly database: Database
  readonly providers: Config['providers']
  /** The operator's prices; the built-in ones alone where it is not given. */
  readonly pricesPath?: Config['pricesPath']
  readonly dialectsPath?: Config['dialectsPath']
  readonly api: { readonly host: string; readonly port: number }
  readonly logger: Logger
  /** `open`: nobody is asked for a key, and decisions need no signature. Otherwise what they are signed with. */
  readonly access: 'open' | { readonly secret: string }
  /** Where people open the Temporal Web UI; null where that is not known. */
  readonly webUiUrl: string | null
  /** Bundled here where it is not given. */
  readonly workflowBundle?: WorkflowBundleOption
  /** The worker's name in Temporal's records; pid and host where it is not given. */
  readonly identity?: string
}

export interface Service {
  /** `http://host:port` of the API. */
  readonly url: string
  readonly client: Client
  /** Resolves if the worker stops without being asked; rejects with what broke it. */
  readonly ended: Promise<void>
  /** The API first, then the worker, then the connections; the database is the caller's. */
  stop(): Promise<void>
}

/** Worker and API in this one process, as the local stack and the tests run them. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { app, database, logger, providers, api, access } = options
  const { address, namespace, taskQueue, tls = null, apiKey = null } = options.temporal
  const target = { address, tls, ...(apiKey !== null && { apiKey }) }
  await using cleanup = new AsyncDisposableStack()
  const outside = cleanup.use(await app.environment.open(options.appEnv ?? {}))
  const activities = createAppActivities({
    app,
    outside,
    database,
    logger,
    providers,
    pricesPath: options.pricesPath ?? null,
    dialectsPath: options.dialectsPath ?? null,
    admits: createAdmission(access === 'open' ? 'all' : { signedWith: access.secret }),
  })

  const connection = await NativeConnection.connect(target)
  cleanup.defer(() => connection.close())
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities,
    ...(options.workflowBundle !== undefined && { workflowBundle: options.workflowBundle }),
    ...(options.identity !== undefined && { identity: options.identity }),
  })
  const ended = worker.run()
  // Whoever waits for `ended` hears of a failure; nobody waiting must not end the process.
  ended.catch(() => undefined)
  cleanup.defer(async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await ended
  })

  const clientConnection = await Connection.connect(target)
  cleanup.defer(() => clientConnection.close())
  const client = new Client({ connection: clientConnection, namespace })
  const server = buildServer({
    app,
    outside,
    database,
    temporal: client,
    taskQueue,
    logger,
    webUiUrl: options.webUiUrl,
    auth: access === 'open' ? 'none' : 'keys',
    secret: access === 'open' ? null : access.secret,
  })
  cleanup.defer(() => server.close())
  const url = await server.listen({ host: api.host, port: api.port })

  const running = cleanup.move()
  return { url, client, ended, stop: () => running.disposeAsync() }
}
