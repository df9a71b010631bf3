import { isInForce, type KillSwitchKey } from '../../store/budgets/kill-switches.ts'
import { findOpenRunsOf } from '../../store/runs/unfinished-runs.ts'
import type { ApiContext } from '../context.ts'

/**
 * Signals the runs of a tenant or an agent that a kill switch has been turned on or off, or the tenant suspended or resumed. The store
 * refuses every new model call by itself; with the signal, runs also begin no tool call, and runs that wait continue at once. Each run is
 * sent the switch's state at that moment, so that a switch that was changed meanwhile leaves no run with the older state.
 */
export function announceKillSwitch(
  { app, database, workflows, broadcast }: Pick<ApiContext, 'app' | 'database' | 'workflows' | 'broadcast'>,
  key: KillSwitchKey,
): void {
  const { tenant, scope, subject } = key
  // A specialist's switch stops a run only while that specialist is its current agent. Only the workflow knows, so it gets the name.
  const named =
    scope === 'agent' && app.agents.every(({ name }) => name !== subject) ? { agent: subject } : {}

  broadcast.notifyRuns({
    topic: `kill switch ${tenant} ${scope} ${subject}`,
    find: async () =>
      (await findOpenRunsOf(database, tenant, scope === 'agent' ? subject : undefined)).map(
        ({ workflowId }) => workflowId,
      ),
    send: async (workflowId) =>
      workflows.killSwitch(workflowId, { on: await isInForce(database, key), scope, ...named }),
  })
}
