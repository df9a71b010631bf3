import type { Client } from '@temporalio/client'
import { PRESENCE } from '../../policies/operations/processes.ts'
import type { Db } from '../../store/database/database.ts'
import { isProcessId } from '../../store/processes/process-id.ts'
import { listWorkers } from '../../store/processes/processes.ts'
import { describeWorkers, type TaskQueueWorkers } from '../temporal/task-queue-workers.ts'

/**
 * The workers of a task queue. Temporal goes on naming one that was killed for a minute and more, so a worker of ours counts as long as it
 * announces itself in the store, too. Others, such as those of earlier releases, count by Temporal alone; so do all while the store does not
 * answer.
 *
 * @param store null where there is none to ask
 */
export async function findWorkers(
  client: Client,
  store: Db | null,
  taskQueue: string,
): Promise<TaskQueueWorkers> {
  const [found, announced] = await Promise.all([
    describeWorkers(client, taskQueue),
    store === null ? null : listWorkers(store, PRESENCE.livesForMs).catch(() => null),
  ])
  return announced === null ? found : withoutLost(found, new Set(announced.map(({ id }) => id)))
}

export function withoutLost(found: TaskQueueWorkers, announced: ReadonlySet<string>): TaskQueueWorkers {
  const isThere = (identity: string) => !isProcessId(identity) || announced.has(identity)
  return { ...found, workers: found.workers.filter(({ identity }) => isThere(identity)) }
}
