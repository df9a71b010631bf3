import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, childEnvironment } from '../../config.ts'
import { freePort } from '../ports.ts'
import { createProgress } from '../progress.ts'
import { findBinary } from '../temporal-server/find-binary.ts'
import { startServer } from '../temporal-server/start-server.ts'

export interface TestTemporal {
  readonly address: string
  stop(): Promise<void>
}

/** The server at TEMPORAL_ADDRESS; without one a new dev server in memory, whose files are removed at its end. */
export async function startTestTemporal({
  temporal,
  cacheDir,
}: Pick<Config, 'temporal' | 'cacheDir'>): Promise<TestTemporal> {
  if (temporal.address !== null) return { address: temporal.address, stop: async () => undefined }
  const env = childEnvironment()
  const binary = await findBinary({ cacheDir, env, progress: createProgress(process.stderr) })
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-temporal-'))
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true })
  try {
    const server = await startServer({
      binary,
      env,
      port: await freePort(),
      uiPort: null,
      databaseFile: null,
      namespace: temporal.namespace,
      logFile: join(directory, 'log'),
      recordFile: null,
    })
    return { address: server.address, stop: () => server.stop().finally(removeDirectory) }
  } catch (error) {
    removeDirectory()
    throw error
  }
}
