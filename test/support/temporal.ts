import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { readConfig } from '../../src/config/config.ts'
import type { TemporalServer } from '../../src/local/temporal-server/start-server.ts'
import { startEmptyServer } from '../../src/local/test-system/start-empty-server.ts'
import { newTaskQueue } from '../../src/local/test-system/start-system.ts'
import { requireTestRuntime } from './test-runtime.ts'

export interface TemporalEnvironment {
  readonly address: string
  readonly namespace: string
  /** A queue of this file alone, so that test files can share a server. */
  readonly taskQueue: string
  readonly client: Client
  /** For workers. */
  readonly connection: NativeConnection
  close(): Promise<void>
}

/** A connection to the test run's server, or to one of its own where a file is run by hand. */
export async function temporalEnvironment(): Promise<TemporalEnvironment> {
  requireTestRuntime()
  await using cleanup = new AsyncDisposableStack()
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? (await ownServer(cleanup))
  const clientConnection = await Connection.connect({ address })
  cleanup.defer(() => clientConnection.close())
  const connection = await NativeConnection.connect({ address })
  cleanup.defer(() => connection.close())
  const open = cleanup.move()
  return {
    address,
    namespace: NAMESPACE,
    taskQueue: newTaskQueue(),
    client: new Client({ connection: clientConnection, namespace: NAMESPACE }),
    connection,
    close: () => open.disposeAsync(),
  }
}

const NAMESPACE = 'default'

async function ownServer(cleanup: AsyncDisposableStack): Promise<string> {
  const server = await startTestTemporal()
  cleanup.defer(() => server.stop())
  return server.address
}

/** A dev server with nothing in it, on a free port, that leaves nothing behind. */
export async function startTestTemporal(
  options: Pick<Parameters<typeof startEmptyServer>[0], 'dynamicConfig' | 'uiPort'> = {},
): Promise<TemporalServer> {
  const { cacheDir } = readConfig({
    HOLDFAST_CACHE_DIR: process.env['HOLDFAST_CACHE_DIR'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
  })
  return startEmptyServer({ cacheDir, namespace: NAMESPACE, ...options })
}
