import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { ANSWER, changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'

const RECORD = `
  with ${LOCK_RUN},
  changed as (
    update runs set
      dropped_submissions = $5,
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run where runs.id = run.id and run.open and runs.dropped_submissions < $5
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/** Puts on the record how many submissions a run has dropped unread so far; each number once, and none after a greater one. */
export async function recordDropped(
  db: Db,
  { run, dropped }: { readonly run: RunIdentity; readonly dropped: number },
): Promise<void> {
  await changeRun(db, {
    name: 'record_dropped',
    text: RECORD,
    run,
    events: [{ type: 'submission.dropped', data: { dropped } }],
    values: [dropped],
  })
}
