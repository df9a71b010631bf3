import type { FastifyBaseLogger } from 'fastify'
import { FILES } from '../../policies/operations/files.ts'
import { dropUnusedFiles } from '../../store/files/remove-files.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database'> & { readonly logger: Pick<FastifyBaseLogger, 'debug'> }

/** A job that removes files which no message has named for long. */
export function dropUnusedFilesJob({ database, logger }: Parts): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    let dropped = 0
    do {
      dropped = await dropUnusedFiles(database)
      if (dropped > 0) logger.debug({ count: dropped }, 'removed files that no message names')
    } while (dropped === FILES.mostDropped && !signal.aborted)
  }
}
