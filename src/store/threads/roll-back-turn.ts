import type { RunId, RunIdentity } from '../../contracts/runs/run.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, RESULT } from '../record/change-run.ts'

/*
 *   run      the locked row
 *   turn     its turn, unless it is rolled back already
 *   changed  the run's row
 */
const ROLL_BACK = statement(
  'roll_back_turn',
  `
  with ${LOCK_RUN},
  turn as (
    update thread_turns as turn set rolled_back = true
    from run
    where turn.thread_id = :thread_id and turn.run_id = run.id and turn.messages is null and not turn.rolled_back and run.open
    returning turn.run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from turn where runs.id = turn.run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

interface RollBackTurn {
  /** Whose turn is in flight. */
  readonly run: RunIdentity
  readonly threadId: ThreadId | null
  readonly by: string
  readonly forRunId: RunId
}

/**
 * Has the messages of the turn in flight leave the thread, however its run ends; what its tools have done stays done. Needs the thread's
 * lock. False where they leave it already.
 */
export function rollBackTurn(tx: Db, { run, threadId, by, forRunId }: RollBackTurn): Promise<boolean> {
  return changeRun(tx, ROLL_BACK, {
    run,
    events: [{ type: 'turn.rolled_back', data: { by: storableText(by), for_run_id: forRunId } }],
    values: { thread_id: threadId },
  })
}
