import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { ensureSearchAttributes, searchAttributesCommand } from '../api/temporal/search-attributes.ts'
import type { App } from '../app/app.ts'
import { type Config, childEnvironment } from '../config/config.ts'
import { requirePort } from './ports.ts'
import type { Progress } from './progress.ts'
import { StartError } from './start-error.ts'
import { findBinary } from './temporal-server/find-binary.ts'
import { stopOrphanedServer } from './temporal-server/server-record.ts'
import { startServer } from './temporal-server/start-server.ts'

export interface Temporal {
  readonly address: string
  /** null for a server at TEMPORAL_ADDRESS, whose Web UI is unknown. */
  readonly uiUrl: string | null
  /** Resolves if the local stack's own server ends; never for a server at TEMPORAL_ADDRESS. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000

/** The server at TEMPORAL_ADDRESS, with the search attributes registered; without one, a dev server on the data directory's file. */
export async function startTemporal(
  config: Config,
  { environment }: Pick<App, 'environment'>,
  progress: Progress,
): Promise<Temporal> {
  if (config.temporal.address !== null) return useServer(config, config.temporal.address)

  const databaseFile = join(config.dataDir, 'temporal.db')
  const recordFile = join(config.dataDir, 'temporal.json')
  await stopOrphanedServer(recordFile, databaseFile)
  const port = await requirePort('127.0.0.1', config.temporal.port, 'Set TEMPORAL_PORT to another port.')
  const uiPort = await requirePort(
    '127.0.0.1',
    config.temporal.uiPort,
    'Set TEMPORAL_UI_PORT to another port.',
  )
  const env = childEnvironment({}, environment.secrets)
  const server = await startServer({
    binary: await findBinary({ cacheDir: config.cacheDir, env, progress }),
    env,
    port,
    uiPort,
    databaseFile,
    recordFile,
    logFile: join(config.dataDir, 'temporal.log'),
    namespace: config.temporal.namespace,
  })
  return {
    address: server.address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    ended: server.ended,
    stop: () => server.stop(),
  }
}

async function useServer({ temporal }: Config, address: string): Promise<Temporal> {
  const { tls, apiKey, namespace } = temporal
  const connection = await Connection.connect({
    address,
    tls,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(apiKey !== null && { apiKey }),
  }).catch((error: Error) => {
    throw new StartError(`No Temporal server answers at TEMPORAL_ADDRESS ${address} (${error.message}).`)
  })
  try {
    const missing = await ensureSearchAttributes(connection, namespace)
    if (missing.length > 0) {
      const command = searchAttributesCommand(namespace, missing)
      throw new StartError(`Search attributes are missing and can't be registered from here: ${command}`)
    }
  } finally {
    await connection.close()
  }
  return { address, uiUrl: null, ended: new Promise(() => undefined), stop: async () => undefined }
}
