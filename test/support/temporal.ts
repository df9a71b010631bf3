import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { childEnvironment, readConfig } from '../../src/config.ts'
import { freePort } from '../../src/local/ports.ts'
import { createProgress } from '../../src/local/progress.ts'
import { findBinary } from '../../src/local/temporal-server/find-binary.ts'
import type { ServerOptions } from '../../src/local/temporal-server/server-flags.ts'
import { startServer, type TemporalServer } from '../../src/local/temporal-server/start-server.ts'
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
    taskQueue: `test-${randomBytes(4).toString('hex')}`,
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
  dynamicConfig: NonNullable<ServerOptions['dynamicConfig']> = {},
  uiPort: number | null = null,
): Promise<TemporalServer> {
  const env = childEnvironment()
  const { cacheDir } = readConfig({
    HOLDFAST_CACHE_DIR: process.env['HOLDFAST_CACHE_DIR'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
  })
  const binary = await findBinary({ cacheDir, env, progress: createProgress(process.stderr) })
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-temporal-'))
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
  try {
    const server = await startServer({
      binary,
      env,
      port: await freePort(),
      uiPort,
      databaseFile: null,
      namespace: NAMESPACE,
      logFile: join(directory, 'log'),
      recordFile: null,
      dynamicConfig,
    })
    return { ...server, stop: () => server.stop().finally(removeDirectory) }
  } catch (error) {
    removeDirectory()
    throw error
  }
}
