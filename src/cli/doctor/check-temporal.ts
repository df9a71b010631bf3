import { Client } from '@temporalio/client'
import { type TaskQueueWorkers, versionsWithoutWorkers } from '../../api/temporal/task-queue-workers.ts'
import type { Config } from '../../config/config.ts'
import { StartError } from '../../local/start-error.ts'
import { connectToTemporal } from '../connect-to-temporal.ts'
import { workersThere } from '../store/workers-there.ts'
import { type Check, fail, ok } from './check.ts'

const ANSWERS_WITHIN_MS = 5_000

/** Whether Temporal answers and has the namespace, and whether workers poll the task queue. */
export async function checkTemporal({
  temporal,
  databaseUrl,
}: Pick<Config, 'temporal' | 'databaseUrl'>): Promise<Check[]> {
  const { namespace, taskQueue } = temporal
  const address = temporal.address ?? `127.0.0.1:${temporal.port}`
  try {
    const connection = await connectToTemporal(temporal)
    try {
      const there = ok('temporal', `Temporal at ${address}, namespace ${namespace}`)
      const client = new Client({ connection, namespace })
      const found = await client.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
        workersThere(client, taskQueue, databaseUrl),
      )
      return [there, checkWorkers(found, taskQueue)]
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (error instanceof StartError) return [fail('temporal', 'Temporal cannot be used', error.message)]
    return [
      fail(
        'temporal',
        `Temporal at ${address} refuses: ${error instanceof Error ? error.message : String(error)}`,
        'Check TEMPORAL_API_KEY, TEMPORAL_NAMESPACE and the TEMPORAL_TLS_ variables.',
      ),
    ]
  }
}

function checkWorkers(found: TaskQueueWorkers, taskQueue: string): Check {
  const { length } = found.workers
  if (length === 0)
    return fail(
      'workers',
      `no worker polls the task queue ${taskQueue}: runs are accepted and stay queued`,
      'Start one with "holdfast worker APP", or set TEMPORAL_TASK_QUEUE as the workers have it.',
    )
  const without = versionsWithoutWorkers(found).map((version) => version?.build ?? 'without versioning')
  if (without.length > 0)
    return fail(
      'workers',
      `${length} poll ${taskQueue}, and none of the build that new runs begin on (${without.join(', ')})`,
      'Start workers of that build, or see "holdfast deploy status".',
    )
  return ok('workers', `${length} ${length === 1 ? 'polls' : 'poll'} the task queue ${taskQueue}`)
}
