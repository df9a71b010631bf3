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
import { startAppWorker } from './app-worker.ts'
import { createLiveApp } from './dev/live-app.ts'

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
  /** Goes on with another state of the application; see `AppWorker.replace`. */
  replaceApp(app: App, appEnv: unknown): Promise<void>
  /** The API first, then the worker, then the connections; the database is the caller's. */
  stop(): Promise<void>
}

/** Worker and API in this one process, as the local stack and the tests run them. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { app, database, logger, providers, api, access } = options
  const { address, namespace, taskQueue, tls = null, apiKey = null } = options.temporal
  const target = { address, tls, ...(apiKey !== null && { apiKey }) }
  await using cleanup = new AsyncDisposableStack()
  const connection = await NativeConnection.connect(target)
  cleanup.defer(() => connection.close())
  const outside = await app.environment.open(options.appEnv ?? {})
  const live = createLiveApp(app, outside)
  const worker = await startAppWorker({
    app,
    outside,
    activitiesOf: (app, outside) =>
      createAppActivities({
        app,
        outside,
        database,
        logger,
        providers,
        pricesPath: options.pricesPath ?? null,
        dialectsPath: options.dialectsPath ?? null,
        admits: createAdmission(access === 'open' ? 'all' : { signedWith: access.secret }),
      }),
    createWorker: (activities) =>
      createWorker({
        connection,
        namespace,
        taskQueue,
        activities,
        ...(options.workflowBundle !== undefined && { workflowBundle: options.workflowBundle }),
        ...(options.identity !== undefined && { identity: options.identity }),
      }),
    onReplaced: live.replace,
  })
  cleanup.defer(() => worker.stop())

  const clientConnection = await Connection.connect(target)
  cleanup.defer(() => clientConnection.close())
  const client = new Client({ connection: clientConnection, namespace })
  const server = buildServer({
    app: live.app,
    outside: live.outside,
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
  return {
    url,
    client,
    ended: worker.ended,
    replaceApp: worker.replace,
    stop: () => running.disposeAsync(),
  }
}
