import type { FastifyBaseLogger } from 'fastify'
import { PRESENCE } from '../../policies/operations/processes.ts'
import type { Database } from '../../store/database/database.ts'
import { noteLostProcesses } from '../../store/processes/note-lost-processes.ts'

interface Parts {
  readonly database: Database
  readonly taskQueue: string
  readonly logger: FastifyBaseLogger
}

/** A job that logs a line for each process that has died: one API does, whichever looks first. */
export function tellLostProcessesJob({ database, taskQueue, logger }: Parts): () => Promise<void> {
  return async () => {
    const { livesForMs } = PRESENCE
    for (const { id, kind, unseenMs } of await noteLostProcesses(database, { taskQueue, livesForMs })) {
      logger.warn({ processId: id, kind, unseenMs }, `a process is gone without a word: ${kind} ${id}`)
    }
  }
}
