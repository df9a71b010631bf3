import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, RESULT } from '../record/change-run.ts'

const REQUEST_CANCEL = statement(
  'request_cancel',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set
      cancel_requested_by = :by,
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run where runs.id = run.id and run.open and runs.cancel_requested_by is null
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/**
 * Records who wants a run cancelled. To be called before the workflow is cancelled, which Temporal does without saying for whom.
 * The first request counts; a run that has ended stays as it is.
 */
export async function requestCancel(db: Db, run: RunIdentity, by: string): Promise<void> {
  const storableBy = storableText(by)
  await changeRun(db, REQUEST_CANCEL, {
    run,
    events: [{ type: 'cancel.requested', data: { by: storableBy } }],
    values: { by: storableBy },
  })
}
