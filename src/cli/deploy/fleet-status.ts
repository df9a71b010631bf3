import type { Client } from '@temporalio/client'
import { openRunsOf, openUnversionedRuns, runsNotBegun } from '../../api/temporal/builds.ts'
import type { TaskQueueWorkers } from '../../api/temporal/task-queue-workers.ts'
import type { Deployment } from './deployment.ts'
import type { Build, BuildStatus, FleetStatus } from './fleet.ts'

/** How many workers of each build there are; those without versioning under null. */
export function countWorkers(
  found: Pick<TaskQueueWorkers, 'workers'>,
  deployment: string,
): ReadonlyMap<string | null, number> {
  const workers = new Map<string | null, Set<string>>()
  for (const { identity, version } of found.workers) {
    if (version !== null && version.deployment !== deployment) continue
    const build = version?.build ?? null
    workers.set(build, (workers.get(build) ?? new Set()).add(identity))
  }
  return new Map([...workers].map(([build, identities]) => [build, identities.size]))
}

/** A deployment before its first versioned worker has none but unversioned ones. */
export async function fleetStatus(
  client: Client,
  deployment: Deployment,
  taskQueue: string,
  found: Pick<TaskQueueWorkers, 'workers'>,
): Promise<FleetStatus> {
  const fleet = await deployment.find()
  const workers = countWorkers(found, deployment.name)
  async function statusOf(build: Build): Promise<BuildStatus> {
    const [openRuns, { changes }] = await Promise.all([
      countRuns(client, openRunsOf(deployment.name, build.id)),
      deployment.recordOf(build.id),
    ])
    return { ...build, workers: workers.get(build.id) ?? 0, openRuns, changes }
  }
  return {
    deployment: deployment.name,
    current: fleet?.current ?? null,
    ramp: fleet?.ramp ?? null,
    settled: (fleet?.behind.length ?? 0) === 0,
    builds: await Promise.all((fleet?.builds ?? []).map(statusOf)),
    unversioned: {
      workers: workers.get(null) ?? 0,
      openRuns: await countRuns(client, openUnversionedRuns(taskQueue)),
    },
    notBegun: await countRuns(client, runsNotBegun(taskQueue)),
  }
}

async function countRuns(client: Client, query: string): Promise<number> {
  return (await client.workflow.count(query)).count
}
