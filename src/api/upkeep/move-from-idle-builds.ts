import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'workflows' | 'broadcast'> & {
  readonly findRuns: () => Promise<readonly string[]>
}

/**
 * A job that asks runs to move whose build has been given no new ones for a day, so that a run which waits for weeks keeps no old workers
 * alive. A run that cannot move yet is asked again in the next round.
 */
export function moveFromIdleBuildsJob({ workflows, broadcast, findRuns }: Parts): () => Promise<void> {
  return async () => {
    const runs = await findRuns()
    if (runs.length === 0) return
    broadcast.notifyRuns({
      topic: 'builds without new runs',
      find: async () => runs,
      send: (workflowId) => workflows.changeBuild(workflowId),
    })
  }
}
