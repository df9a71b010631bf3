import type { Client } from '@temporalio/client'
import { openRunsOf } from '../../api/temporal/builds.ts'
import { DEPLOYS } from '../../policies/deploys.ts'
import type { Deployment } from './deployment.ts'
import type { Build, BuildStatus, FleetStatus } from './fleet.ts'

/** `temporal.api.enums.v1.TaskQueueType` */
const WORKFLOW_TASKS = 1

/** How many workers of each build ask for work now; those without versioning under null. */
export async function countWorkers(
  client: Client,
  deployment: string,
  taskQueue: string,
): Promise<ReadonlyMap<string | null, number>> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
    reportPollers: true,
  })
  const since = Date.now() - DEPLOYS.pollerSeenMs
  const workers = new Map<string | null, Set<string>>()
  for (const { identity, lastAccessTime, deploymentOptions } of pollers ?? []) {
    if (Number(lastAccessTime?.seconds) * 1_000 < since) continue
    const isVersioned = deploymentOptions?.workerVersioningMode === VERSIONED
    if (isVersioned && deploymentOptions.deploymentName !== deployment) continue
    const build = (isVersioned && deploymentOptions.buildId) || null
    workers.set(build, (workers.get(build) ?? new Set()).add(identity ?? ''))
  }
  return new Map([...workers].map(([build, identities]) => [build, identities.size]))
}

/** `temporal.api.enums.v1.WorkerVersioningMode` */
const VERSIONED = 2

export async function fleetStatus(
  client: Client,
  deployment: Deployment,
  taskQueue: string,
): Promise<FleetStatus> {
  const fleet = await deployment.look()
  const workers = await countWorkers(client, fleet.deployment, taskQueue)
  async function statusOf(build: Build): Promise<BuildStatus> {
    const [openRuns, { changes }] = await Promise.all([
      countRuns(client, openRunsOf(fleet.deployment, build.id)),
      deployment.recordOf(build.id),
    ])
    return { ...build, workers: workers.get(build.id) ?? 0, openRuns, changes }
  }
  const { current, ramp, settled } = fleet
  return {
    deployment: fleet.deployment,
    current,
    ramp,
    settled,
    builds: await Promise.all(fleet.builds.map(statusOf)),
    unversioned: {
      workers: workers.get(null) ?? 0,
      openRuns: await countRuns(client, openUnversionedRuns(taskQueue)),
    },
  }
}

function openUnversionedRuns(taskQueue: string): string {
  return `TaskQueue = '${taskQueue}' AND TemporalWorkerDeploymentVersion IS NULL AND ExecutionStatus = 'Running'`
}

async function countRuns(client: Client, query: string): Promise<number> {
  return (await client.workflow.count(query)).count
}
