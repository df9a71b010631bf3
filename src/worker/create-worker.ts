import {
  type NativeConnection,
  Worker,
  type WorkerDeploymentOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import type { RegisteredActivities } from '../activities/index.ts'
import type { DeploymentConfig } from '../config/config.ts'
import { WORKER } from '../policies/worker.ts'
import { buildIdOf } from './build-id.ts'
import { bundleWorkflows } from './workflow-bundle.ts'

export interface WorkerOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly taskQueue: string
  readonly activities: RegisteredActivities
  /** Without it the worker is not versioned: it takes runs of every build. */
  readonly deployment?: DeploymentConfig
  /** Bundled by this function where it is not given. */
  readonly workflowBundle?: WorkflowBundleOption
  /** Name in Temporal's records; pid and host where it is not given. */
  readonly identity?: string
  /** The policy's where it is not given; fewer, for tests of what waits. */
  readonly maxConcurrentActivities?: number
  /** Runs that are kept in memory; Temporal decides where it is not given. 0 replays the history at every task, for tests. */
  readonly maxCachedWorkflows?: number
}

/** A worker that is connected and does not run yet: the caller calls `run()`. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, activities, deployment, identity, maxCachedWorkflows } = options
  const { maxConcurrentActivities = WORKER.maxConcurrentActivities } = options
  const workflowBundle = options.workflowBundle ?? (await bundleWorkflows())
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    activities,
    workflowBundle,
    workerDeploymentOptions: deploymentOptionsOf(deployment, buildIdOf(workflowBundle)),
    ...(identity !== undefined && { identity }),
    ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
    maxConcurrentActivityTaskExecutions: maxConcurrentActivities,
    maxConcurrentWorkflowTaskExecutions: WORKER.maxConcurrentWorkflowTasks,
    maxConcurrentLocalActivityExecutions: WORKER.maxConcurrentLocalActivities,
    maxHeartbeatThrottleInterval: WORKER.maxHeartbeatThrottleMs,
    defaultHeartbeatThrottleInterval: WORKER.maxHeartbeatThrottleMs,
    stickyQueueScheduleToStartTimeout: WORKER.stickyScheduleToStartMs,
    shutdownGraceTime: WORKER.shutdownGraceMs,
    shutdownForceTime: WORKER.shutdownForceMs,
  })
}

/**
 * A versioned worker names its build, and gets no run before the build is promoted. On one machine nobody promotes, so versioning is off
 * where nothing is said; the name of the build stands in the records all the same.
 */
function deploymentOptionsOf(
  { name: deploymentName, versioning }: DeploymentConfig = { name: 'holdfast', versioning: 'off' },
  buildId: string,
): WorkerDeploymentOptions {
  const version = { deploymentName, buildId }
  return versioning === 'off'
    ? { version, useWorkerVersioning: false }
    : { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' }
}
