import type { CloseChildInput, ClosedChild } from '../../contracts/team/sub-agent.ts'
import type { Database } from '../database/database.ts'
import { noSuchRun } from '../record/change-run.ts'
import { findRun } from '../runs/runs.ts'
import { findToolCall } from '../tools/find-tool-call.ts'
import type { HandedBy } from '../tools/handed-by.ts'
import { type ChildAnswer, settleChild } from './settle-child.ts'

export interface CloseChild extends CloseChildInput, ChildAnswer {}

/**
 * Stores an ended sub-agent's answer for its parent and adds its usage to the parent's. Repeated, it changes nothing and returns the
 * same answer, with `answered` false.
 *
 * @throws where the store has no such sub-agent, or it has not ended
 */
export async function closeChild(
  database: Database,
  close: CloseChild,
): Promise<{ readonly closed: ClosedChild; readonly answered: boolean } & HandedBy> {
  const { run, step, index } = close
  return database.transaction(async (tx) => {
    const { child, answered } = await settleChild(tx, close, close)
    const parent = await findRun(tx, run.tenant, run.runId)
    if (parent === null) throw noSuchRun(run.runId)
    const stored = await findToolCall(tx, { run, step, index, again: 0 })
    const { spent } = parent.budget
    return {
      closed: { outcome: stored?.outcome ?? close.outcome, spent, usage: child.usage },
      answered,
      handedBy: stored?.handedBy ?? null,
    }
  })
}
