import type { RecordRefusalInput } from '../../contracts/runs/admission.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, RESULT } from '../record/change-run.ts'

const REFUSE = statement(
  'record_refusal',
  `
  with ${LOCK_RUN},
  refusal_added as (
    insert into approval_refusals (run_id, approval_id, by, code, tenant)
    select run.id, :approval_id, :by, :code, run.tenant from run
    on conflict do nothing
    returning run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from refusal_added, run where runs.id = refusal_added.run_id and run.open
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** Longest stored part of an approval's id or a person's name: whoever reaches Temporal can send any text as either. */
const MOST_CHARACTERS = 200

/**
 * Records that a decision was not accepted, once for each person, approval and problem. An open run gets an event; a run that has
 * ended gets only the row, since nothing follows its last event.
 */
export async function recordRefusal(
  db: Db,
  { run, approvalId, by, code }: RecordRefusalInput,
): Promise<void> {
  const [id, person] = [approvalId, by].map((text) => storableText(text.slice(0, MOST_CHARACTERS)))
  await changeRun(db, REFUSE, {
    run,
    events: [{ type: 'approval.refused', data: { approval_id: id ?? '', by: person ?? '', code } }],
    values: { approval_id: id, by: person, code },
  })
}
