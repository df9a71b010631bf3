import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { describeWorkers, type Version } from '../../src/api/temporal/task-queue-workers.ts'
import type { TemporalEnvironment } from './temporal.ts'

/* Workers as Temporal sees them: requests for workflow tasks. No process, no bundle. */

type Queue = Pick<TemporalEnvironment, 'client' | 'taskQueue'>

const PATIENCE_MS = 30_000
const LOOK_AGAIN_MS = 50

/** Asks for work, and goes once Temporal has seen it: it counts as a worker for as long as these tests take. */
export async function showWorker({ client, taskQueue }: Queue, version: Version): Promise<void> {
  const gone = new AbortController()
  const polling = client
    .withAbortSignal(gone.signal, () => poll({ client, taskQueue }, version))
    .catch((error: unknown) => {
      if (!gone.signal.aborted) throw error
    })
  const isSeen = async () =>
    (await describeWorkers(client, taskQueue)).workers.some(
      (worker) => worker.version?.build === version.build,
    )
  for (const end = Date.now() + PATIENCE_MS; !(await isSeen()); await delay(LOOK_AGAIN_MS))
    assert.ok(Date.now() < end, `Temporal did not see a worker of ${version.build}`)
  gone.abort()
  await polling
}

/** Takes the queue's next run as an unversioned worker does, and leaves it open. Resolves to its workflow id. */
export async function beginNext(queue: Queue): Promise<string> {
  const { taskToken, workflowExecution } = await poll(queue, null)
  const { namespace } = queue.client.options
  await queue.client.workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    identity: 'unversioned',
  })
  return workflowExecution?.workflowId ?? assert.fail('no run came')
}

function poll({ client, taskQueue }: Queue, version: Version | null) {
  return client.withDeadline(Date.now() + PATIENCE_MS, () =>
    client.workflowService.pollWorkflowTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue },
      identity: version?.build ?? 'unversioned',
      ...(version !== null && {
        deploymentOptions: {
          deploymentName: version.deployment,
          buildId: version.build,
          workerVersioningMode: VERSIONED,
        },
      }),
    }),
  )
}

/** `temporal.api.enums.v1.WorkerVersioningMode` */
const VERSIONED = 2
