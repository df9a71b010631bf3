import type { RecordRefusalInput } from '../../contracts/admission.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { ANSWER, changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'

const REFUSE = `
  with ${LOCK_RUN},
  written as (
    insert into approval_refusals (run_id, approval_id, by, code, tenant)
    select run.id, $5, $6, $7, run.tenant from run
    on conflict do nothing
    returning run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written, run where runs.id = written.run_id and run.open
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/** What is kept of an id or a name that anybody may have made up. */
const MOST_CHARACTERS = 200

/**
 * Puts on the record that a decision was not accepted, once for each person, approval and problem. An event tells it while
 * the run goes on; after its end nothing follows its last event, and only the row is written.
 */
export async function recordRefusal(
  db: Db,
  { run, approvalId, by, code }: RecordRefusalInput,
): Promise<void> {
  const [id, person] = [approvalId, by].map((text) => storableText(text.slice(0, MOST_CHARACTERS)))
  await changeRun(db, {
    name: 'record_refusal',
    text: REFUSE,
    run,
    events: [{ type: 'approval.refused', data: { approval_id: id ?? '', by: person ?? '', code } }],
    values: [id, person, code],
  })
}
