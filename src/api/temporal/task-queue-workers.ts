import type { Client } from '@temporalio/client'
import { pollersWithin, TASK_QUEUE_TYPE } from '../../contracts/processes/poller.ts'
import { HTTP } from '../../policies/api.ts'

/** One build of a deployment, as Temporal routes by it. */
export interface Version {
  readonly deployment: string
  readonly build: string
}

/** The workers of a task queue, and those that its new runs are for. A version is null where workers are not versioned. */
export interface TaskQueueWorkers {
  /** Those that have lately asked for workflow tasks. */
  readonly workers: readonly { readonly identity: string; readonly version: Version | null }[]
  /** The versions that new runs begin on: one, or two while another is ramping. */
  readonly givenNewRuns: readonly (Version | null)[]
}

type Described = Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>
type DescribedVersion = NonNullable<Described['versioningInfo']>['currentDeploymentVersion']

/** `temporal.api.enums.v1.WorkerVersioningMode` */
const VERSIONED = 2

export async function describeWorkers(client: Client, taskQueue: string): Promise<TaskQueueWorkers> {
  const described = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE.workflow,
  })
  return readWorkers(described, Date.now())
}

export function readWorkers(
  { pollers, versioningInfo }: Pick<Described, 'pollers' | 'versioningInfo'>,
  nowMs: number,
): TaskQueueWorkers {
  const ramp = versioningInfo?.rampingVersionPercentage ?? 0
  return {
    workers: pollersWithin(pollers, HTTP.pollerSeenMs, nowMs).map(({ identity, deploymentOptions }) => ({
      identity: identity ?? '',
      version: deploymentOptions?.workerVersioningMode === VERSIONED ? versionOf(deploymentOptions) : null,
    })),
    givenNewRuns: [
      ...(ramp < 100 ? [versionOf(versioningInfo?.currentDeploymentVersion)] : []),
      ...(ramp > 0 ? [versionOf(versioningInfo?.rampingDeploymentVersion)] : []),
    ],
  }
}

/** The versions whose new runs wait, since none of their workers is there and nobody else may take them. */
export function versionsWithoutWorkers({ workers, givenNewRuns }: TaskQueueWorkers): (Version | null)[] {
  return givenNewRuns.filter((given) => !workers.some(({ version }) => isSame(version, given)))
}

function versionOf(version: DescribedVersion): Version | null {
  if (!version?.buildId) return null
  return { deployment: version.deploymentName ?? '', build: version.buildId }
}

function isSame(a: Version | null, b: Version | null): boolean {
  return a?.deployment === b?.deployment && a?.build === b?.build
}
