import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker'
import type { RegisteredActivities } from '../activities/index.ts'
import { WORKER } from '../policies/worker.ts'
import { buildIdOf } from './build-id.ts'
import { bundleWorkflows } from './workflow-bundle.ts'

export interface WorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly taskQueue: string
  readonly activities: RegisteredActivities
  /** Bundled by this function where it is not given. */
  readonly workflowBundle?: WorkflowBundleOption
  /** Name in Temporal's records; pid and host where it is not given. */
  readonly identity?: string
  /** Runs that are kept in memory; Temporal decides where it is not given. 0 replays the history at every task, for tests. */
  readonly maxCachedWorkflows?: number
}

/** A worker that is connected and does not run yet: the caller calls `run()`. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, activities, identity, maxCachedWorkflows } = options
  const workflowBundle = options.workflowBundle ?? (await bundleWorkflows())
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    activities,
    workflowBundle,
    workerDeploymentOptions: {
      version: { deploymentName: 'holdfast', buildId: buildIdOf(workflowBundle) },
      useWorkerVersioning: false,
    },
    ...(identity !== undefined && { identity }),
    ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
    maxConcurrentActivityTaskExecutions: WORKER.maxConcurrentActivities,
    maxConcurrentWorkflowTaskExecutions: WORKER.maxConcurrentWorkflowTasks,
    maxConcurrentLocalActivityExecutions: WORKER.maxConcurrentLocalActivities,
    maxHeartbeatThrottleInterval: WORKER.maxHeartbeatThrottleMs,
    defaultHeartbeatThrottleInterval: WORKER.maxHeartbeatThrottleMs,
    stickyQueueScheduleToStartTimeout: WORKER.stickyScheduleToStartMs,
    shutdownGraceTime: WORKER.shutdownGraceMs,
    shutdownForceTime: WORKER.shutdownForceMs,
  })
}
