import type { RecordedCredential } from '../../contracts/access/credential.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, RESULT } from '../record/change-run.ts'

const RECORD = statement(
  'record_acting',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run where runs.id = run.id and run.open
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

export interface Acting {
  readonly run: RunIdentity
  /** The person in whose name something was sent. */
  readonly by: string
  readonly credential: RecordedCredential
  /** What was sent. */
  readonly about: { readonly message_id: string } | { readonly approval_id: string }
}

/** Records that a message or a decision was sent to a run in a person's name, and by whom. Nothing follows the last event of a run that has ended. */
export async function recordActing(db: Db, { run, by, credential, about }: Acting): Promise<void> {
  const data = { by, sent_by: { ...credential }, ...about }
  await changeRun(db, RECORD, { run, events: [{ type: 'principal.represented', data }], values: {} })
}
