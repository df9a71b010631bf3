import { NativeConnection } from '@temporalio/worker'
import closeWithGrace from 'close-with-grace'
import { createAdmission } from '../activities/approvals/admission.ts'
import { createExchangeKeeper } from '../activities/dossier/exchange-keeper.ts'
import { createRunReaders } from '../activities/events/run-readers.ts'
import { sharePauses } from '../activities/traffic/share-pauses.ts'
import { openWebhookClient } from '../activities/webhooks/open-webhook-client.ts'
import type { App } from '../app/app.ts'
import { canBeAsked, noneOfTheKeys } from '../app/models/provider-access.ts'
import { loadConfig, requireServers } from '../config/config.ts'
import { WORKER } from '../policies/worker.ts'
import { fingerprint } from '../security/signature.ts'
import { migrateAtStart } from '../store/database/migrate-at-start.ts'
import { openPostgres } from '../store/database/postgres.ts'
import { keepPresence } from '../store/processes/presence.ts'
import { newProcessId } from '../store/processes/process-id.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { createLogger } from '../telemetry/logs/create-logger.ts'
import { logFacts } from '../telemetry/logs/log-facts.ts'
import { buildInfo } from '../telemetry/metrics/build-info.ts'
import { createMetrics } from '../telemetry/metrics/create-metrics.ts'
import { processReadings } from '../telemetry/metrics/process-readings.ts'
import { storeReadings } from '../telemetry/metrics/store-readings.ts'
import { temporalReadings } from '../telemetry/metrics/temporal-readings.ts'
import { openTelemetry } from '../telemetry/open-telemetry.ts'
import { outageFacts } from '../telemetry/outage-facts.ts'
import { slowStatementFacts } from '../telemetry/slow-statement-facts.ts'
import { type AppTraffic, createAppActivities } from './app-activities.ts'
import { buildIdOf } from './build-id.ts'
import { coreMetrics } from './core-metrics.ts'
import { createWorker } from './create-worker.ts'
import { installRuntimeWithMetrics } from './install-runtime.ts'
import { providersWithoutKey } from './model-gaps.ts'
import { workerBreakers } from './worker-breakers.ts'
import { type WorkerFinding, workerReadiness } from './worker-readiness.ts'
import { startWorkerServer } from './worker-server.ts'
import { bundleWorkflows } from './workflow-bundle.ts'

const STARTING: WorkerFinding = { pointer: '/worker', detail: 'Is starting.' }

/**
 * Runs a worker of an application as a process of its own, on an existing Postgres and Temporal server. Resolves when the worker has
 * ended.
 *
 * @throws ConfigError
 */
export async function startWorker(app: App): Promise<void> {
  const config = loadConfig(app.environment)
  const { temporal, deployment, providers, pricesPath, dialectsPath, limitsPath, embeddings, dossier, log } =
    config
  const { databaseUrl, temporalAddress, signedWith } = requireServers(
    config,
    providers.some(canBeAsked)
      ? []
      : [`A worker could ask no model, since ${noneOfTheKeys(providers)} is set`],
  )
  const admits = createAdmission(signedWith === null ? 'all' : { signedWith })
  const logger = createLogger(log)
  const metrics = createMetrics(config.metrics)
  const { namespace, taskQueue, tls, apiKey } = temporal
  await using cleanup = new AsyncDisposableStack()
  const id = newProcessId()
  const opened = await openTelemetry({
    traces: config.traces,
    secrets: config.log.secrets,
    sinks: [metrics.sink, logFacts(logger)],
    logger,
    instance: id,
    buildId: () => build,
    database: () => database,
  })
  const { telemetry } = opened
  const database = openPostgres({
    url: databaseUrl,
    logger: areaOf(logger, 'store'),
    onOutage: outageFacts(telemetry, 'store'),
    onSlow: slowStatementFacts(telemetry),
  })
  cleanup.defer(() => database.close())
  cleanup.use(opened)
  const pauses = sharePauses(database, areaOf(logger, 'traffic'))
  const outside = cleanup.use(await app.environment.open(config.appEnv))
  const readers = createRunReaders(database, areaOf(logger, 'runs'))
  cleanup.defer(() => readers.close())
  const breakers = workerBreakers(id, { database, logger: areaOf(logger, 'traffic') })
  const exchanges = dossier === 'off' ? undefined : createExchangeKeeper({ database, logger, worker: id })
  cleanup.defer(() => exchanges?.close())
  const webhooks = await openWebhookClient(config.webhookHosts)
  cleanup.defer(() => webhooks.close())
  let traffic: AppTraffic | null = null
  cleanup.defer(() => traffic?.rateLimits.settle())
  const activities = createAppActivities({
    app,
    outside,
    database,
    logger,
    telemetry,
    logsContent: log.content,
    providers,
    pricesPath,
    dialectsPath,
    limitsPath,
    embeddings,
    exchanges,
    webhooks,
    readers,
    breakers,
    pauses,
    onTraffic(made) {
      traffic = made
    },
    admits,
  })
  let findings: () => Promise<readonly WorkerFinding[]> = async () => [STARTING]
  const server = await startWorkerServer({ ...config.worker, metrics, findings: () => findings(), logger })
  cleanup.defer(() => server.close())
  // Only now, when no problem of the configuration can throw any more: a runtime keeps its process alive.
  const runtime = await installRuntimeWithMetrics(logger, outageFacts(telemetry, 'temporal'))

  await migrateAtStart(database, app, logger)
  await readers.listen()
  cleanup.defer(await breakers.start())
  await pauses.follow()
  cleanup.defer(() => pauses.stop())
  const connection = await NativeConnection.connect({
    address: temporalAddress,
    tls,
    ...(apiKey !== null && { apiKey }),
  })
  cleanup.defer(() => connection.close())
  cleanup.defer(runtime.watch.lookBy(() => connection.workflowService.getSystemInfo({})))
  const workflowBundle = await bundleWorkflows()
  const build = buildIdOf(workflowBundle)
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities,
    deployment,
    workflowBundle,
    identity: id,
  })
  findings = workerReadiness({ worker, connection, database })
  metrics.read(processReadings())
  metrics.read(storeReadings(database))
  metrics.read(temporalReadings(connection))
  metrics.read(buildInfo('worker', build))
  metrics.append(() => coreMetrics(runtime.metricsAt))

  const facts = {
    secret: signedWith === null ? null : fingerprint(signedWith),
    missingKeys: providersWithoutKey(app, providers),
  }
  const presence = keepPresence(database, {
    id,
    kind: 'worker',
    taskQueue,
    facts,
    concurrency: () => Object.fromEntries(traffic?.bulkheads.state() ?? []),
    logger: areaOf(logger, 'upkeep'),
  })

  const open = cleanup.move()
  const running = worker.run()
  const { close } = closeWithGrace(
    { delay: WORKER.shutdownForceMs + 1_000, logger: false },
    async ({ err }) => {
      if (err !== undefined) logger.fatal({ err }, 'stopping after an error')
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await running.finally(async () => {
        await presence.stop()
        await open.disposeAsync()
      })
    },
  )
  const { name: fleet, versioning } = deployment
  logger.info({ taskQueue, namespace, build, fleet, versioning, url: server.url }, 'worker runs')
  await running.catch(() => close())
}
