import { findRunsHeldInVain, findSwitchesOver, type HeldRun } from '../../store/budgets/held-runs.ts'
import { announceKillSwitch } from '../budgets/announce-kill-switch.ts'
import type { ApiContext } from '../context.ts'
import type { Delivery } from '../temporal/run-workflows.ts'

type Parts = Pick<ApiContext, 'app' | 'database' | 'workflows' | 'broadcast'>

/**
 * A job that signals "off" again to runs that still wait for a kill switch which is off by now: the first signal may have been lost. A
 * run between two model calls would find out when it looks again; a run whose tool calls are held would wait until it expires.
 */
export function resendKillSwitchesOffJob(parts: Parts): () => Promise<void> {
  const { database, workflows, broadcast } = parts

  async function release({ id, workflowId, off }: HeldRun): Promise<Delivery> {
    let delivery: Delivery = 'not_running'
    for (const scope of off) delivery = await workflows.killSwitch(workflowId, { on: false, scope })
    // A switch that was turned on meanwhile may have been signalled before this "off": signal it again.
    for (const key of await findSwitchesOver(database, id)) {
      if (off.includes(key.scope)) announceKillSwitch(parts, key)
    }
    return delivery
  }

  return async () => {
    const held = new Map((await findRunsHeldInVain(database)).map((run) => [run.workflowId, run]))
    if (held.size === 0) return
    broadcast.notifyRuns({
      topic: 'kill switches that are off',
      find: async () => [...held.keys()],
      async send(workflowId) {
        const run = held.get(workflowId)
        return run === undefined ? 'not_running' : release(run)
      },
    })
  }
}
