import type { Connection } from '@temporalio/client'
import type { Fleet } from './fleet.ts'

type Service = Connection['workflowService']
type OfDeployment = NonNullable<
  Awaited<ReturnType<Service['describeWorkerDeployment']>>['workerDeploymentInfo']
>['routingConfig']
type OfPartition = Awaited<ReturnType<Service['describeTaskQueue']>>['versioningInfo']

/** Which builds new runs begin on, as Temporal tells it of a deployment and of a partition of a task queue alike. */
export function readRouting(told: OfDeployment | OfPartition): Pick<Fleet, 'current' | 'ramp'> {
  const percent = told?.rampingVersionPercentage ?? 0
  const ramping = told?.rampingDeploymentVersion?.buildId || null
  return {
    current: told?.currentDeploymentVersion?.buildId || null,
    ramp: ramping === null && percent === 0 ? null : { build: ramping, percent },
  }
}
