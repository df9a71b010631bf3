import type { Database, Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { type RunRow, waitsForTurn } from '../record/run-row.ts'
import { closeRun, type EndedRun } from '../runs/close-run.ts'
import { requestCancel } from '../runs/request-cancel.ts'
import { findRun } from '../runs/runs.ts'
import { lockThread } from './turns.ts'

const REMOVE = statement(
  'remove_waiting_turn',
  `
  delete from thread_turns
  where thread_id = :thread_id and messages is null and first_seq is null and run_id = :run_id`,
)

/** Takes a turn that waits out of the order, and ends its run as cancelled: it has no workflow. Needs the thread's lock. */
export async function removeWaitingTurn(tx: Db, run: RunRow, by: string): Promise<EndedRun | null> {
  const identity = { runId: run.id, tenant: run.tenant, principal: run.principal }
  await requestCancel(tx, identity, by)
  await tx.query(REMOVE.with({ thread_id: run.threadId, run_id: run.id }))
  const { ended } = await closeRun(tx, {
    run: identity,
    status: 'cancelled',
    reason: 'cancel_requested',
    steps: 0,
    approvals: [],
    failedHops: [],
  })
  return ended
}

/** Cancels a run that waits for its turn. null where its turn has begun, or the run has ended: then nothing is changed. */
export async function cancelWaitingTurn(
  database: Database,
  run: RunRow,
  by: string,
): Promise<EndedRun | null> {
  const { threadId } = run
  if (threadId === null) return null
  return database.transaction(async (tx) => {
    if (!(await lockThread(tx, threadId))) return null
    const now = await findRun(tx, run.tenant, run.id)
    return now !== null && waitsForTurn(now) ? removeWaitingTurn(tx, now, by) : null
  })
}
