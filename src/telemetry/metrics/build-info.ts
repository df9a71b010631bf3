import { readManifest } from '../manifest.ts'
import { type ReadingSource, reading } from './readings.ts'

/**
 * What runs in this process.
 *
 * @param buildId the name of the workflows' code in Temporal's records; empty where the process runs none
 */
export function buildInfo(kind: 'api' | 'worker' | 'all', buildId = ''): ReadingSource {
  const info = reading('holdfast_build_info', { version: readManifest().version, build_id: buildId, kind }, 1)
  return async () => [info]
}
