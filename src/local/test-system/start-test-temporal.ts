import type { Config } from '../../config/config.ts'
import type { TemporalServer } from '../temporal-server/start-server.ts'
import { startEmptyServer } from './start-empty-server.ts'

/** The server at TEMPORAL_ADDRESS; without one a new dev server in memory, whose files are removed at its end. */
export async function startTestTemporal({
  temporal: { address, namespace },
  cacheDir,
}: Pick<Config, 'temporal' | 'cacheDir'>): Promise<Pick<TemporalServer, 'address' | 'stop'>> {
  if (address !== null) return { address, stop: async () => undefined }
  return startEmptyServer({ cacheDir, namespace })
}
