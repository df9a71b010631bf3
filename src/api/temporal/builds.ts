import { type Client, isGrpcServiceError } from '@temporalio/client'
import { HTTP } from '../../policies/api.ts'
import { DEPLOYS } from '../../policies/operations/deploys.ts'
import { AGENT_RUN } from '../../workflows/agent-run.messages.ts'
import { callTemporal } from './call-temporal.ts'

/** The visibility query of a build's runs that have not ended. */
export function openRunsOf(deployment: string, build: string): string {
  return `${OPEN_RUN} AND TemporalWorkerDeploymentVersion = '${deployment}:${build}'`
}

/** The visibility query of open runs that unversioned workers have begun. */
export function openUnversionedRuns(taskQueue: string): string {
  return `${OPEN_RUN} AND TaskQueue = '${taskQueue}' AND TemporalWorkerDeploymentVersion IS NULL AND BuildIds IS NOT NULL`
}

/** The visibility query of runs that no worker has begun. Temporal notes both attributes with a run's first completed task. */
export function runsNotBegun(taskQueue: string): string {
  return `${OPEN_RUN} AND TaskQueue = '${taskQueue}' AND TemporalWorkerDeploymentVersion IS NULL AND BuildIds IS NULL`
}

/** Runs alone: other workflows, such as the daily report's, neither move nor keep a build's workers up. */
const OPEN_RUN = `WorkflowType = '${AGENT_RUN}' AND ExecutionStatus = 'Running'`

/** A build that is given no new runs, and workflow ids of runs that are open on it. */
export interface IdleBuild {
  readonly build: string
  readonly runs: readonly string[]
}

/**
 * Builds that have been given no new runs for `DEPLOYS.moveAfterMs` and have open ones. None where no worker of the deployment was ever
 * versioned.
 *
 * @throws Problem unavailable
 */
export async function findIdleBuilds(
  client: Client,
  deploymentName: string,
  nowMs: number,
): Promise<IdleBuild[]> {
  const { namespace } = client.options
  return callTemporal(client, HTTP.upkeepTimeoutMs, async () => {
    const found: IdleBuild[] = []
    let left: number = DEPLOYS.movedAtOnce
    for (const build of await idleBuilds()) {
      const runs = await openRuns(build, left)
      if (runs.length > 0) found.push({ build, runs })
      left -= runs.length
      if (left === 0) break
    }
    return found
  })

  async function openRuns(build: string, most: number): Promise<string[]> {
    const ids: string[] = []
    for await (const { workflowId } of client.workflow.list({ query: openRunsOf(deploymentName, build) })) {
      if (ids.push(workflowId) >= most) break
    }
    return ids
  }

  async function idleBuilds(): Promise<string[]> {
    const deployment = await describe()
    return (deployment?.versionSummaries ?? []).flatMap(({ deploymentVersion, lastDeactivationTime }) => {
      const idleSinceMs = Number(lastDeactivationTime?.seconds ?? Number.NaN) * 1_000
      // Not a number where the build is given runs, or never was.
      return nowMs - idleSinceMs >= DEPLOYS.moveAfterMs && deploymentVersion?.buildId
        ? [deploymentVersion.buildId]
        : []
    })
  }

  async function describe() {
    try {
      const asked = { namespace, deploymentName }
      return (await client.workflowService.describeWorkerDeployment(asked)).workerDeploymentInfo
    } catch (error) {
      if (isGrpcServiceError(error) && WITHOUT_DEPLOYMENTS.includes(error.code)) return null
      throw error
    }
  }
}

/** gRPC's NOT_FOUND, PERMISSION_DENIED and UNIMPLEMENTED: nobody is versioned, or nobody may look, or the server is too old. */
const WITHOUT_DEPLOYMENTS: readonly number[] = [5, 7, 12]
