import type { NativeConnection, Worker } from '@temporalio/worker'
import { pollersWithin, TASK_QUEUE_TYPE } from '../contracts/processes/poller.ts'
import { HTTP } from '../policies/api.ts'
import { answersWithin } from '../store/database/answers-within.ts'
import type { Database } from '../store/database/database.ts'

/** A fault that keeps a worker from its work. `pointer` names the part, `detail` says what is known of it. */
export interface WorkerFinding {
  readonly pointer: '/worker' | '/store' | '/temporal'
  readonly detail: string
}

interface Parts {
  readonly worker: Pick<Worker, 'getState' | 'options'>
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>
  readonly database: Pick<Database, 'ping'>
}

/** Checks whether a worker can do its work. It asks anew every time: the caller caches the answer. */
export function workerReadiness({ worker, connection, database }: Parts): () => Promise<WorkerFinding[]> {
  const { namespace, taskQueue, identity } = worker.options

  /** Whether Temporal has lately seen this worker ask for work: one that hangs, or has lost its connection, looks well from inside. */
  async function isPolling(): Promise<boolean> {
    const { pollers } = await connection.withDeadline(Date.now() + HTTP.readyTimeoutMs, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: TASK_QUEUE_TYPE.workflow,
      }),
    )
    const present = pollersWithin(pollers, HTTP.pollerSeenMs, Date.now())
    return present.some((poller) => poller.identity === identity)
  }

  return async () => {
    const state = worker.getState()
    if (state !== 'RUNNING') return [{ pointer: '/worker', detail: `Takes no work: it is ${state}.` }]
    const [polls, isStoreThere] = await Promise.all([
      isPolling().catch(() => null),
      answersWithin(database, HTTP.readyTimeoutMs),
    ])
    return [
      ...(polls === null ? [{ pointer: '/temporal', detail: 'Did not answer.' } as const] : []),
      ...(polls === false
        ? [{ pointer: '/worker', detail: 'Temporal has not seen it ask for work lately.' } as const]
        : []),
      ...(isStoreThere ? [] : [{ pointer: '/store', detail: 'Did not answer.' } as const]),
    ]
  }
}
