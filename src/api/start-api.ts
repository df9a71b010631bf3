import { Client, Connection } from '@temporalio/client'
import closeWithGrace from 'close-with-grace'
import type { App } from '../app/app.ts'
import { loadConfig, requireServers } from '../config.ts'
import { fingerprint } from '../security/signature.ts'
import { migrate } from '../store/database/migrate.ts'
import { openPostgres } from '../store/database/postgres.ts'
import { keepPresence } from '../store/processes/presence.ts'
import { newProcessId } from '../store/processes/process-id.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { createLogger } from '../telemetry/logs/create-logger.ts'
import { logFacts } from '../telemetry/logs/log-facts.ts'
import { openTelemetry } from '../telemetry/open-telemetry.ts'
import { outageFacts } from '../telemetry/outage-facts.ts'
import { buildServer } from './server.ts'

/** Requests under way get this long to end. */
const STOP_WITHIN_MS = 9_500

/**
 * The API of an application as a process of its own: with a Postgres and a Temporal that others run, and workers elsewhere. It
 * resolves once the API listens; from then on signals end the process in good order.
 *
 * @throws ConfigError
 */
export async function startApi(app: App): Promise<void> {
  const config = loadConfig(app.environment)
  const { api, auth, secret, webUiUrl, temporal, log, appEnv } = config
  const { namespace, taskQueue, tls, apiKey } = temporal
  const { databaseUrl, temporalAddress, signedWith } = requireServers(config)
  const logger = createLogger(log)
  await using cleanup = new AsyncDisposableStack()
  const id = newProcessId()
  const opened = await openTelemetry({
    traces: config.traces,
    sinks: [logFacts(logger)],
    logger,
    instance: id,
    database: () => database,
  })
  const { telemetry } = opened

  const database = openPostgres({
    url: databaseUrl,
    logger: areaOf(logger, 'store'),
    onOutage: outageFacts(telemetry, 'store'),
  })
  cleanup.defer(() => database.close())
  cleanup.use(opened)
  await migrate(database, app)
  const outside = cleanup.use(await app.environment.open(appEnv))

  // Lazy: while Temporal is away runs are accepted all the same, and `/ready` says what is missing.
  const connection = Connection.lazy({ address: temporalAddress, tls, ...(apiKey !== null && { apiKey }) })
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
  const server = buildServer({
    app,
    outside,
    database,
    temporal: client,
    taskQueue,
    logger,
    telemetry,
    auth,
    secret,
    webUiUrl,
    presence,
  })
  cleanup.defer(() => server.close())
  await server.listen({ host: api.host, port: api.port })

  const running = cleanup.move()
  closeWithGrace({ delay: STOP_WITHIN_MS, logger: false }, async ({ err }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping after an error')
    await running.disposeAsync()
  })
}
