import type { Client } from '@temporalio/client'
import { TASK_QUEUE_TYPE } from '../../contracts/processes/poller.ts'
import { HTTP } from '../../policies/api.ts'
import { callTemporal } from './call-temporal.ts'

/** Tasks of one type that wait in a task queue for a worker. */
export interface Backlog {
  readonly tasks: number
  /** 0 where none waits. */
  readonly oldestSeconds: number
}

/**
 * What waits in Temporal for a worker, by the server's own statistics, which are a few seconds old. Tasks for the worker that has a run in
 * memory are not among them: they wait in a queue of its own, and come back to this one after 5 s.
 */
export async function describeBacklog(
  client: Client,
  taskQueue: string,
  type: keyof typeof TASK_QUEUE_TYPE,
): Promise<Backlog> {
  const { stats } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE[type],
    reportStats: true,
  })
  const age = stats?.approximateBacklogAge
  return {
    tasks: Number(stats?.approximateBacklogCount ?? 0),
    oldestSeconds: Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9,
  }
}

/** What waits in a task queue, by type. */
export interface TaskQueueBacklog {
  readonly taskQueue: string
  readonly workflow: Backlog
  readonly activity: Backlog
}

/** @throws Problem unavailable */
export async function describeBacklogs(client: Client, taskQueue: string): Promise<TaskQueueBacklog> {
  return callTemporal(client, HTTP.temporalTimeoutMs, async () => {
    const [workflow, activity] = await Promise.all([
      describeBacklog(client, taskQueue, 'workflow'),
      describeBacklog(client, taskQueue, 'activity'),
    ])
    return { taskQueue, workflow, activity }
  })
}
