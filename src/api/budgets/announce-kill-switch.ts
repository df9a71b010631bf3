import { type KillSwitchKey, listKillSwitches } from '../../store/budgets/kill-switches.ts'
import { findOpenRunsOf } from '../../store/runs/unfinished-runs.ts'
import type { ApiContext } from '../context.ts'

/**
 * Tells the runs of a tenant or an agent that a kill switch has been thrown or taken back. The store holds every model call by
 * itself; told of it, runs also begin no tool call, and those that wait go on at once. Each is told how things are just then.
 */
export function announceKillSwitch(
  { app, database, workflows, broadcast }: Pick<ApiContext, 'app' | 'database' | 'workflows' | 'broadcast'>,
  { tenant, scope, subject }: KillSwitchKey,
): void {
  // A specialist's stops no run in which somebody else speaks: each run knows who does.
  const named =
    scope === 'agent' && app.agents.every(({ name }) => name !== subject) ? { agent: subject } : {}

  async function isOn(): Promise<boolean> {
    const on = await listKillSwitches(database, tenant)
    return on.some((one) => one.scope === scope && one.subject === subject)
  }

  broadcast.tell({
    topic: `kill switch ${tenant} ${scope} ${subject}`,
    find: async () =>
      (await findOpenRunsOf(database, tenant, scope === 'agent' ? subject : undefined)).map(
        ({ workflowId }) => workflowId,
      ),
    send: async (workflowId) => workflows.killSwitch(workflowId, { on: await isOn(), scope, ...named }),
  })
}
