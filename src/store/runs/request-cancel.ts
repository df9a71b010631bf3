import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { ANSWER, changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'

const REQUEST = `
  with ${LOCK_RUN},
  changed as (
    update runs set
      cancel_requested_by = $5,
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run where runs.id = run.id and run.open and runs.cancel_requested_by is null
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/**
 * Records who wants a run cancelled, before its workflow is told: a workflow cannot say who cancelled it. The first one counts;
 * nothing happens for a run that has ended.
 */
export async function requestCancel(db: Db, run: RunIdentity, by: string): Promise<void> {
  const name = storableText(by)
  await changeRun(db, {
    name: 'request_cancel',
    text: REQUEST,
    run,
    events: [{ type: 'cancel.requested', data: { by: name } }],
    values: [name],
  })
}
