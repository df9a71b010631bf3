import type { Client } from '@temporalio/client'
import { TASK_QUEUE_TYPE } from '../../contracts/processes/poller.ts'
import { METRICS } from '../../policies/operations/telemetry.ts'
import { type Reading, reading } from '../../telemetry/metrics/readings.ts'

/**
 * What waits in Temporal for a worker, by the server's own statistics, which are a few seconds old. Tasks for the worker that has a run in
 * memory are not among them: they wait in a queue of its own, and come back to this one after 5 s.
 *
 * @throws where Temporal does not answer in time
 */
export async function queueReadings(temporal: Client, taskQueue: string): Promise<Reading[]> {
  const { namespace } = temporal.options
  const ask = async ([type, taskQueueType]: [string, number]): Promise<Reading[]> => {
    const { stats } = await temporal.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType,
      reportStats: true,
    })
    const labels = { task_queue: taskQueue, type }
    const age = stats?.approximateBacklogAge
    return [
      reading('holdfast_queue_depth', labels, Number(stats?.approximateBacklogCount ?? 0)),
      reading(
        'holdfast_queue_oldest_age_seconds',
        labels,
        Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9,
      ),
    ]
  }
  const answers = await temporal.withDeadline(Date.now() + METRICS.answersWithinMs, () =>
    Promise.all(Object.entries(TASK_QUEUE_TYPE).map(ask)),
  )
  return answers.flat()
}
