import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, RESULT } from '../record/change-run.ts'

const RECORD_DROPPED = statement(
  'record_dropped',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set
      dropped_submissions = :dropped,
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run where runs.id = run.id and run.open and runs.dropped_submissions < :dropped
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** Records how many submissions a run has dropped so far. A number that is not greater than the recorded one changes nothing. */
export async function recordDropped(
  db: Db,
  { run, dropped }: { readonly run: RunIdentity; readonly dropped: number },
): Promise<void> {
  await changeRun(db, RECORD_DROPPED, {
    run,
    events: [{ type: 'submission.dropped', data: { dropped } }],
    values: { dropped },
  })
}
