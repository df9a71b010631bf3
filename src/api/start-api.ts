import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import closeWithGrace from 'close-with-grace'
import type { App } from '../app/app.ts'
import { loadConfig, requireServers } from '../config/config.ts'
import { HTTP, TEMPORAL_CHANNEL } from '../policies/api.ts'
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
import { readApiLimits } from './limits/read-api-limits.ts'
import { listen } from './listen.ts'
import { buildServer } from './server.ts'

/**
 * The API of an application as a process of its own: with a Postgres and a Temporal that others run, and workers elsewhere. It
 * resolves once the API listens; from then on signals end the process in good order. SIGTERM gives load balancers time to notice.
 *
 * @throws ConfigError; OperatorFileUnusable; ApiPortUnusable
 */
export async function startApi(app: App): Promise<void> {
  const config = loadConfig(app.environment)
  const { api, auth, tokens, corsOrigins, secret, webUiUrl, dailyReport, webhookHosts } = config
  const { temporal, deployment, log, appEnv } = config
  const { namespace, taskQueue, tls, apiKey } = temporal
  const { databaseUrl, temporalAddress, signedWith } = requireServers(config)
  const limits = readApiLimits(config.apiLimitsPath)
  const logger = createLogger(log)
  const metrics = createMetrics(config.metrics)
  await using cleanup = new AsyncDisposableStack()
  const id = newProcessId()
  const opened = await openTelemetry({
    traces: config.traces,
    secrets: config.log.secrets,
    sinks: [metrics.sink, logFacts(logger)],
    logger,
    instance: id,
    database: () => database,
  })
  const { telemetry } = opened

  const database = openPostgres({
    url: databaseUrl,
    logger: areaOf(logger, 'store'),
    onOutage: outageFacts(telemetry, 'store'),
    onSlow: slowStatementFacts(telemetry),
    callersWait: true,
  })
  cleanup.defer(() => database.close())
  cleanup.use(opened)
  await migrateAtStart(database, app, logger)
  const outside = cleanup.use(await app.environment.open(appEnv))

  // Lazy: while Temporal is away runs are accepted all the same, and `/ready` says what is missing.
  const connection = Connection.lazy({
    address: temporalAddress,
    tls,
    ...(apiKey !== null && { apiKey }),
    channelArgs: TEMPORAL_CHANNEL,
  })
  cleanup.defer(() => connection.close())
  const client = new Client({ connection, namespace })
  const facts = { secret: signedWith === null ? null : fingerprint(signedWith), missingKeys: [] }
  const presence = keepPresence(database, {
    id,
    kind: 'api',
    taskQueue,
    facts,
    logger: areaOf(logger, 'upkeep'),
  })
  cleanup.defer(() => presence.stop())
  const leaving = new AbortController()
  metrics.read(processReadings())
  metrics.read(storeReadings(database))
  metrics.read(temporalReadings(connection))
  metrics.read(buildInfo('api'))
  const server = buildServer({
    app,
    outside,
    database,
    temporal: client,
    taskQueue,
    deployment: deployment.name,
    logger,
    telemetry,
    auth,
    tokens,
    corsOrigins,
    limits,
    secret,
    webUiUrl,
    dailyReport,
    webhookHosts,
    presence,
    leaving: leaving.signal,
    metrics,
    metricsOpenTo: config.metrics.openTo,
  })
  cleanup.defer(() => server.close())
  await listen(server, api)

  const running = cleanup.move()
  closeWithGrace({ delay: HTTP.drainMs + HTTP.closeMs, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping after an error')
    // Ctrl-C comes from a person, who has no load balancer and does not want to wait.
    if (signal === 'SIGTERM') {
      leaving.abort()
      logger.info({ drainMs: HTTP.drainMs }, 'not ready any more: requests are still taken')
      await sleep(HTTP.drainMs)
    }
    await running.disposeAsync()
  })
}
