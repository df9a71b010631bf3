import { Client, Connection, type TLSConfig } from '@temporalio/client'
import { NativeConnection, type WorkflowBundleOption } from '@temporalio/worker'
import type { Logger } from 'pino'
import { createAdmission } from '../activities/approvals/admission.ts'
import { createExchangeKeeper } from '../activities/dossier/exchange-keeper.ts'
import { createRunReaders } from '../activities/events/run-readers.ts'
import { sharePauses } from '../activities/traffic/share-pauses.ts'
import { openWebhookClient } from '../activities/webhooks/open-webhook-client.ts'
import { listen } from '../api/listen.ts'
import { buildServer } from '../api/server.ts'
import type { ServerDependencies } from '../api/server-dependencies.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config/config.ts'
import { TEMPORAL_CHANNEL } from '../policies/api.ts'
import { BREAKERS, type BreakerPolicy } from '../policies/models/breakers.ts'
import { fingerprint } from '../security/signature.ts'
import type { Database } from '../store/database/database.ts'
import { keepPresence } from '../store/processes/presence.ts'
import { newProcessId } from '../store/processes/process-id.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import type { Metrics } from '../telemetry/metrics/create-metrics.ts'
import { storeReadings } from '../telemetry/metrics/store-readings.ts'
import { temporalReadings } from '../telemetry/metrics/temporal-readings.ts'
import { NO_TELEMETRY, type Telemetry } from '../telemetry/telemetry.ts'
import { type AppTraffic, createAppActivities } from '../worker/app-activities.ts'
import { createWorker } from '../worker/create-worker.ts'
import { type ModelGap, providersWithoutKey } from '../worker/model-gaps.ts'
import type { TemporalWatch } from '../worker/temporal-watch.ts'
import { workerBreakers } from '../worker/worker-breakers.ts'
import { type AppState, startAppWorker } from './app-worker.ts'
import { createLiveApp } from './dev/live-app.ts'

export interface ServiceOptions {
  readonly app: App
  /** The application's own variables, as its schema has parsed them. */
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
  /** The operator's file of prices; without it there are the built-in ones alone. */
  readonly pricesPath?: Config['pricesPath']
  readonly dialectsPath?: Config['dialectsPath']
  readonly limitsPath?: Config['limitsPath']
  readonly embeddings?: Config['embeddings']
  /** See `createAppActivities`. Called at the start, and for each later state of the application. */
  readonly onModelGaps?: (gaps: readonly ModelGap[]) => void
  readonly api: { readonly host: string; readonly port: number }
  readonly logger: Logger
  /** This process's metrics. Without them the API's page has those of the installation alone. */
  readonly metrics?: Metrics
  /** See `ServerDependencies`. */
  readonly metricsOpenTo?: ServerDependencies['metricsOpenTo']
  /** See `Dependencies.logsContent`. */
  readonly logsContent?: boolean
  /** Tells that Temporal is back. Where it is not given, nobody looks. */
  readonly temporalWatch?: Pick<TemporalWatch, 'lookBy'>
  /** Nothing is told where it is not given. */
  readonly telemetry?: Telemetry
  /** `open`: the API asks for no key, and decisions need no signature. Otherwise the secret that they are signed with. */
  readonly access: 'open' | { readonly secret: string }
  /** Where people open the Temporal Web UI; null where that is not known. */
  readonly webUiUrl: string | null
  /** As `ServerDependencies` have it. */
  readonly dailyReport?: 'on' | 'off'
  /** Who else may call the API, beside the bearers of keys. */
  readonly callers?: Pick<ServerDependencies, 'tokens' | 'corsOrigins' | 'limits'>
  /** Built by the worker where it is not given. */
  readonly workflowBundle?: WorkflowBundleOption
  /** When circuits open and close; null for a service without circuit breakers. The product's own where it is not given. */
  readonly breakers?: BreakerPolicy | null
  /** Whether a pause that a provider asks one call for holds for all. It does where nothing is said. */
  readonly keepsPauses?: boolean
  /** Whether runs' dossiers have what went over the wire; they do where nothing is said. */
  readonly dossier?: Config['dossier']
  /** None where nothing is said. */
  readonly webhookHosts?: Config['webhookHosts']
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
  replaceApp(app: App, state: AppState): Promise<void>
  /** Stops the API, then the worker, then the connections. The database belongs to the caller. */
  stop(): Promise<void>
}

/** Starts worker and API in this process, as the local stack and the tests run them. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const {
    app,
    database,
    logger,
    providers,
    api,
    access,
    telemetry = NO_TELEMETRY,
    breakers: policy = BREAKERS,
    keepsPauses = true,
    dossier = 'full',
    webhookHosts = [],
  } = options
  const { address, namespace, taskQueue, tls = null, apiKey = null } = options.temporal
  const target = { address, tls, ...(apiKey !== null && { apiKey }) }
  await using cleanup = new AsyncDisposableStack()
  const connection = await NativeConnection.connect(target)
  cleanup.defer(() => connection.close())
  const looking = options.temporalWatch?.lookBy(() => connection.workflowService.getSystemInfo({}))
  if (looking !== undefined) cleanup.defer(looking)
  const outside = await app.environment.open(options.appEnv ?? {})
  const readers = createRunReaders(database, areaOf(logger, 'runs'))
  cleanup.defer(() => readers.close())
  await readers.listen()
  const live = createLiveApp(app, outside)
  const id = newProcessId()
  // Beside the application's states, so that what is known of the providers outlives a change of a file.
  const breakers =
    policy === null ? undefined : workerBreakers(id, { database, logger: areaOf(logger, 'traffic') }, policy)
  if (breakers !== undefined) cleanup.defer(await breakers.start())
  const pauses = keepsPauses ? sharePauses(database, areaOf(logger, 'traffic')) : undefined
  await pauses?.follow()
  cleanup.defer(() => pauses?.stop())
  // One for all states of the application, and closed after the worker, whose last exchanges it still writes.
  const exchanges = dossier === 'off' ? undefined : createExchangeKeeper({ database, logger, worker: id })
  cleanup.defer(() => exchanges?.close())
  const webhooks = await openWebhookClient(webhookHosts)
  cleanup.defer(() => webhooks.close())
  // The next state of the application is made before its worker runs, and may never run.
  let made: AppTraffic | null = null
  let running: AppTraffic | null = null
  cleanup.defer(() => running?.rateLimits.settle())
  const worker = await startAppWorker({
    app,
    outside,
    providers,
    logger: areaOf(logger, 'app'),
    activitiesOf: (app, outside, providers) =>
      createAppActivities({
        app,
        outside,
        database,
        logger,
        telemetry,
        logsContent: options.logsContent,
        providers,
        pricesPath: options.pricesPath ?? null,
        dialectsPath: options.dialectsPath ?? null,
        limitsPath: options.limitsPath ?? null,
        embeddings: options.embeddings,
        exchanges,
        webhooks,
        breakers,
        pauses,
        onTraffic(traffic) {
          made = traffic
        },
        onModelGaps: options.onModelGaps,
        readers,
        admits: createAdmission(access === 'open' ? 'all' : { signedWith: access.secret }),
      }),
    createWorker: (activities) =>
      createWorker({
        connection,
        namespace,
        taskQueue,
        activities,
        ...(options.workflowBundle !== undefined && { workflowBundle: options.workflowBundle }),
        identity: options.identity ?? id,
      }),
    onReplaced(app, outside) {
      running = made
      live.replace(app, outside)
    },
  })
  running = made
  const presence = keepPresence(database, {
    id,
    kind: 'worker',
    taskQueue,
    facts: {
      secret: access === 'open' ? null : fingerprint(access.secret),
      missingKeys: providersWithoutKey(app, providers),
    },
    concurrency: () => Object.fromEntries(running?.bulkheads.state() ?? []),
    logger: areaOf(logger, 'upkeep'),
  })
  cleanup.defer(() => presence.stop())
  cleanup.defer(() => worker.stop())

  const clientConnection = await Connection.connect({ ...target, channelArgs: TEMPORAL_CHANNEL })
  cleanup.defer(() => clientConnection.close())
  const client = new Client({ connection: clientConnection, namespace })
  options.metrics?.read(storeReadings(database))
  options.metrics?.read(temporalReadings(clientConnection))
  const server = buildServer({
    app: live.app,
    outside: live.outside,
    database,
    temporal: client,
    taskQueue,
    logger,
    telemetry,
    webUiUrl: options.webUiUrl,
    ...(options.dailyReport !== undefined && { dailyReport: options.dailyReport }),
    webhookHosts,
    ...options.callers,
    auth: access === 'open' ? 'none' : 'keys',
    secret: access === 'open' ? null : access.secret,
    ...(options.metrics !== undefined && { metrics: options.metrics }),
    ...(options.metricsOpenTo !== undefined && { metricsOpenTo: options.metricsOpenTo }),
    tellsOfTemporal: options.temporalWatch === undefined,
  })
  cleanup.defer(() => server.close())
  const url = await listen(server, api)

  const open = cleanup.move()
  return {
    url,
    client,
    ended: worker.ended,
    replaceApp: worker.replace,
    stop: () => open.disposeAsync(),
  }
}
