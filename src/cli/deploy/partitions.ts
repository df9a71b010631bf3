import { isDeepStrictEqual } from 'node:util'
import type { Connection } from '@temporalio/client'
import { TASK_QUEUE_TYPE } from '../../contracts/processes/poller.ts'
import { GRPC, grpcCodeOf } from '../connect-to-temporal.ts'
import type { Fleet } from './fleet.ts'
import { readRouting } from './read-routing.ts'

type Service = Connection['workflowService']

interface Partition {
  readonly name: string
  readonly type: keyof typeof TASK_QUEUE_TYPE
}

/**
 * The partitions of a deployment's task queues that do not go by its routing yet, such as `holdfast (workflow)`. Asks every partition.
 *
 * Temporal's own word for it (`routingConfigUpdateState`) can stay at "in progress" after all of them do:
 * https://github.com/temporalio/temporal/issues/11842
 */
export async function partitionsBehind(
  service: Service,
  namespace: string,
  fleet: Omit<Fleet, 'behind'>,
): Promise<readonly string[]> {
  const partitions = await partitionsOf(service, namespace, fleet)
  const known = await Promise.all(
    partitions.map(({ name, type }) =>
      service.describeTaskQueue({
        namespace,
        taskQueue: { name },
        taskQueueType: TASK_QUEUE_TYPE[type],
      }),
    ),
  )
  const { current, ramp } = fleet
  return partitions
    .filter((_, at) => !isDeepStrictEqual(readRouting(known[at]?.versioningInfo), { current, ramp }))
    .map(({ name, type }) => `${name} (${type})`)
}

/** Those that the builds with new runs ask for work; where there are none, those of the builds that have lost theirs. */
async function partitionsOf(
  service: Service,
  namespace: string,
  { deployment: deploymentName, builds }: Pick<Fleet, 'deployment' | 'builds'>,
): Promise<readonly Partition[]> {
  const given = builds.filter(({ state }) => state === 'current' || state === 'ramping')
  const asked = given.length > 0 ? given : builds.filter(({ state }) => state === 'draining')
  const described = await Promise.all(
    asked.map(({ id: buildId }) =>
      service.describeWorkerDeploymentVersion({ namespace, deploymentVersion: { deploymentName, buildId } }),
    ),
  )
  const queues = described.flatMap(({ versionTaskQueues }) => versionTaskQueues ?? [])
  const found = await Promise.all(
    [...new Set(queues.map(({ name }) => name ?? ''))].map(async (queue): Promise<Partition[]> => {
      const ofTypes = await listPartitions(queue)
      return (['workflow', 'activity'] as const)
        .filter((type) =>
          queues.some((known) => known.name === queue && known.type === TASK_QUEUE_TYPE[type]),
        )
        .flatMap((type) => ofTypes[type].map(({ key }) => ({ name: key ?? queue, type })))
    }),
  )
  return found.flat()

  async function listPartitions(
    queue: string,
  ): Promise<Record<Partition['type'], readonly { key?: string | null }[]>> {
    try {
      const listed = await service.listTaskQueuePartitions({ namespace, taskQueue: { name: queue } })
      return {
        workflow: listed.workflowTaskQueuePartitions ?? [],
        activity: listed.activityTaskQueuePartitions ?? [],
      }
    } catch (error) {
      const code = grpcCodeOf(error)
      if (code !== GRPC.unimplemented && code !== GRPC.permissionDenied) throw error
      // A server that keeps its partitions to itself: the first one, which the others learn it from, goes by the queue's name.
      return { workflow: [{}], activity: [{}] }
    }
  }
}
