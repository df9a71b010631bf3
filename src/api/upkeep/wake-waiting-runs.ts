import { WAKING } from '../../policies/models/breakers.ts'
import { isOutage } from '../../store/database/outage.ts'
import { claimWaitingRuns } from '../../store/traffic/wake-runs.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows' | 'broadcast'>

/**
 * A job that signals runs which wait for a model whose circuit has closed: a few in each turn, so that they do not come back all at once.
 * The turns go on from what the store has, whichever process takes them. A signal that is lost costs its run the wait for its own next try.
 */
export function wakeWaitingRunsJob({ database, workflows, broadcast }: Parts): () => Promise<void> {
  return async () => {
    const due = await claimWaitingRuns(database, WAKING).catch((error: unknown) => {
      // The outage watch logs that the store is away; a line for each turn would bury it.
      if (isOutage(error)) return []
      throw error
    })
    if (due.length === 0) return
    broadcast.notifyRuns({
      topic: 'models that are back',
      find: async () => due,
      send: (workflowId) => workflows.modelsBack(workflowId),
    })
  }
}
