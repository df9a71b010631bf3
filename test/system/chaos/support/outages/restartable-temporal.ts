import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment, readConfig } from '../../../../../src/config/config.ts'
import { createProgress } from '../../../../../src/local/progress.ts'
import { findBinary } from '../../../../../src/local/temporal-server/find-binary.ts'
import { startServer } from '../../../../../src/local/temporal-server/start-server.ts'
import { freePort } from '../../../../../src/worker/probe-port.ts'

/** A Temporal server that keeps what it knows in a file, so that it can die and come back. */
export interface RestartableTemporal {
  readonly address: string
  pid(): number
  /** `kill -9`. */
  kill(): Promise<void>
  startAgain(): Promise<void>
  stop(): Promise<void>
}

export async function startRestartableTemporal(): Promise<RestartableTemporal> {
  const { cacheDir } = readConfig({
    HOLDFAST_CACHE_DIR: process.env['HOLDFAST_CACHE_DIR'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
  })
  const env = childEnvironment()
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-temporal-'))
  const options = {
    binary: await findBinary({ cacheDir, env, progress: createProgress(process.stderr) }),
    env,
    namespace: 'default',
    port: await freePort(),
    uiPort: null,
    databaseFile: join(directory, 'db'),
    logFile: join(directory, 'log'),
    recordFile: null,
  }
  let server = await startServer(options)
  return {
    address: server.address,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.ended
    },
    async startAgain() {
      server = await startServer(options)
    },
    async stop() {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
