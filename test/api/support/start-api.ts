import type { Client } from '@temporalio/client'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { buildServer } from '../../../src/api/server.ts'
import type { ServerDependencies } from '../../../src/api/server-dependencies.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import office from '../../support/office.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'

export interface TestApi {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

type Options = Partial<
  Pick<
    ServerDependencies,
    | 'telemetry'
    | 'auth'
    | 'tokens'
    | 'corsOrigins'
    | 'limits'
    | 'logger'
    | 'secret'
    | 'app'
    | 'dailyReport'
    | 'leaving'
    | 'metrics'
    | 'metricsOpenTo'
    | 'tellsOfTemporal'
    | 'webhookHosts'
  >
>

/** The API, not listening: requests are injected, and it does no upkeep, so that nothing but them changes the store. */
export function buildApi(
  database: Database,
  temporal: Client,
  taskQueue = 'test',
  { auth = 'none', secret = null, app = office, telemetry = NO_TELEMETRY, ...options }: Options = {},
): FastifyInstance {
  return buildServer({
    telemetry,
    app,
    outside: NO_OUTSIDE,
    database,
    temporal,
    taskQueue,
    auth,
    secret,
    logger: pino({ level: 'silent' }),
    webUiUrl: 'http://ui.example',
    ...options,
  })
}

/** The API on a free port of loopback, over a store and a Temporal that the test gives it. */
export async function startApi(
  database: Database,
  temporal: Client,
  taskQueue = 'test',
  options: Options = {},
): Promise<TestApi> {
  const server = buildApi(database, temporal, taskQueue, options)
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return { url, port: Number(new URL(url).port), close: () => server.close() }
}
