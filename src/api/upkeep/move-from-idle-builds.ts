import type { ApiContext } from '../context.ts'
import type { IdleBuild } from '../temporal/builds.ts'

type Parts = Pick<ApiContext, 'workflows' | 'broadcast'> & {
  readonly idleBuilds: () => Promise<readonly IdleBuild[]>
}

/**
 * A job that asks runs to move whose build has been given no new ones for a day, so that a run which waits for weeks keeps no old workers
 * alive. A run that cannot move yet is asked again in the next round.
 */
export function moveFromIdleBuildsJob({ workflows, broadcast, idleBuilds }: Parts): () => Promise<void> {
  return async () => {
    for (const { build, runs } of await idleBuilds()) {
      broadcast.notifyRuns({
        topic: 'builds without new runs',
        find: async () => runs,
        send: (workflowId) => workflows.changeBuild(workflowId, build),
      })
    }
  }
}
