import type { Client } from '@temporalio/client'
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

/** The API on a free port of loopback, over a store and a Temporal that the test gives it. */
export async function startApi(
  database: Database,
  temporal: Client,
  taskQueue = 'test',
  {
    auth = 'none',
    secret = null,
    app = office,
    telemetry = NO_TELEMETRY,
    ...options
  }: Partial<
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
  > = {},
): Promise<TestApi> {
  const server = buildServer({
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
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return { url, port: Number(new URL(url).port), close: () => server.close() }
}
