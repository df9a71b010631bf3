import { findRunsHeldInVain, findSwitchesOver, type HeldRun } from '../../store/budgets/held-runs.ts'
import { announceKillSwitch } from '../budgets/announce-kill-switch.ts'
import type { ApiContext } from '../context.ts'
import type { Delivery } from '../temporal/run-workflows.ts'

type Parts = Pick<ApiContext, 'app' | 'database' | 'workflows' | 'broadcast'>

/**
 * Tells runs that wait for a kill switch which is off by now, since the word of it may have been lost. One that is between two
 * model calls would find out when it looks again; one whose tool calls are held asks nobody, and would wait until it expires.
 */
export function createReleaser(parts: Parts): () => Promise<void> {
  const { database, workflows, broadcast } = parts

  async function release({ id, workflowId, off }: HeldRun): Promise<Delivery> {
    let delivery: Delivery = 'not_running'
    for (const scope of off) delivery = await workflows.killSwitch(workflowId, { on: false, scope })
    // One that has been thrown since may have been told of before this.
    for (const key of await findSwitchesOver(database, id)) {
      if (off.includes(key.scope)) announceKillSwitch(parts, key)
    }
    return delivery
  }

  return async () => {
    const held = new Map((await findRunsHeldInVain(database)).map((run) => [run.workflowId, run]))
    if (held.size === 0) return
    broadcast.tell({
      topic: 'kill switches that are off',
      find: async () => [...held.keys()],
      async send(workflowId) {
        const run = held.get(workflowId)
        return run === undefined ? 'not_running' : release(run)
      },
    })
  }
}
