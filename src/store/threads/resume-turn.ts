import type { ThreadId } from '../../contracts/threads/thread.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { type ResumeRun, resumeRun } from '../runs/resume-run.ts'
import { listOpenTurns, lockThread, settleTurn } from './turns.ts'

const REOPEN = statement(
  'reopen_turn',
  `
  with last as (
    select n, run_id, rolled_back from thread_turns where thread_id = :thread_id order by n desc limit 1
  )
  update thread_turns as turn set messages = null, interrupted_at = null
  from last
  where turn.thread_id = :thread_id and turn.n = last.n and last.run_id = :run_id and not last.rolled_back
  returning turn.n`,
)

/**
 * Records that an ended run of a thread is to go on. False where it cannot be resumed, or turns have come after its own: they were shown
 * what it had left.
 */
export function resumeTurn(database: Database, threadId: ThreadId, resume: ResumeRun): Promise<boolean> {
  return database.transaction(async (tx) => {
    if (!(await lockThread(tx, threadId))) return false
    await settleTurn(tx, threadId)
    if ((await listOpenTurns(tx, threadId)).length > 0) return false
    const reopened = await tx.query(REOPEN.with({ thread_id: threadId, run_id: resume.id }))
    if (reopened.length === 0) return false
    if (await resumeRun(tx, resume)) return true
    await settleTurn(tx, threadId)
    return false
  })
}
