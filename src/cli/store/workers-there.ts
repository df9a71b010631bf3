import type { Client } from '@temporalio/client'
import { pino } from 'pino'
import { findWorkers } from '../../api/processes/find-workers.ts'
import type { TaskQueueWorkers } from '../../api/temporal/task-queue-workers.ts'
import { openPostgres } from '../../store/database/postgres.ts'

/** The workers of a task queue, as the store at DATABASE_URL knows them, too; null where a command has none, as beside the local stack. */
export async function workersThere(
  client: Client,
  taskQueue: string,
  databaseUrl: string | null,
): Promise<TaskQueueWorkers> {
  if (databaseUrl === null) return findWorkers(client, null, taskQueue)
  const logger = pino({ level: 'silent' })
  const store = openPostgres({ url: databaseUrl, logger, maxConnections: 1, callersWait: true })
  try {
    return await findWorkers(client, store, taskQueue)
  } finally {
    await store.close()
  }
}
