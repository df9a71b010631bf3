import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../config/config.ts'
import { freePort } from '../../worker/probe-port.ts'
import { createProgress } from '../progress.ts'
import { findBinary } from '../temporal-server/find-binary.ts'
import type { ServerOptions } from '../temporal-server/server-flags.ts'
import { startServer, type TemporalServer } from '../temporal-server/start-server.ts'

interface EmptyServerOptions extends Pick<ServerOptions, 'namespace' | 'dynamicConfig'> {
  /** Where the server's program is kept. */
  readonly cacheDir: string
  /** No Web UI where it is not given. */
  readonly uiPort?: number
}

/** A Temporal dev server with nothing in it, on a free port. Once stopped, it leaves nothing behind. */
export async function startEmptyServer({
  cacheDir,
  uiPort,
  ...options
}: EmptyServerOptions): Promise<TemporalServer> {
  const env = childEnvironment()
  const binary = await findBinary({ cacheDir, env, progress: createProgress(process.stderr) })
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-temporal-'))
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
  try {
    const server = await startServer({
      ...options,
      binary,
      env,
      port: await freePort(),
      uiPort: uiPort ?? null,
      databaseFile: null,
      logFile: join(directory, 'log'),
      recordFile: null,
    })
    return { ...server, stop: () => server.stop().finally(removeDirectory) }
  } catch (error) {
    removeDirectory()
    throw error
  }
}
