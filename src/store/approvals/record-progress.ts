import type { Vote } from '../../contracts/approval.ts'
import type { RecordProgressInput } from '../../contracts/approval-record.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { ANSWER, changeRun, LOCK_RUN, type NewEvent, TELL_EVENTS } from '../record/run-change.ts'

const PROGRESS = `
  with ${LOCK_RUN},
  written as (
    update approvals set progress = $6, votes = $7, approvers = $8, expires_at = $9
    from run
    where approvals.id = $5 and approvals.run_id = run.id and approvals.status = 'pending' and approvals.progress < $6
      and run.open
    returning approvals.run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written where runs.id = written.run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/** Records how an approval that waits goes on. Each `progress` once, and none after a later one. */
export async function recordProgress(db: Db, input: RecordProgressInput): Promise<void> {
  const { run, approvalId, progress, votes, approvers, expiresAt } = input
  await changeRun(db, {
    name: 'record_progress',
    text: PROGRESS,
    run,
    events: progressEvents(input),
    values: [approvalId, progress, storableJson(votes), approvers.map(storableText), expiresAt],
  })
}

/** The votes that are new are the last ones. */
function progressEvents({ approvalId, what, votes, approvers, expiresAt }: RecordProgressInput): NewEvent[] {
  const fresh = votes.slice(votes.length - what.filter((kind) => kind === 'voted').length)
  const waits = { approvers, expires_at: expiresAt }
  return what.map((kind) => {
    const data = kind === 'voted' ? votedData(fresh.shift()) : waits
    return { type: `approval.${kind}`, data: { approval_id: approvalId, ...data } }
  })
}

function votedData(vote: Vote | undefined): JsonObject {
  if (vote === undefined) return {}
  const { by, decision, comment } = vote
  return { by, decision, ...(comment !== undefined && { comment }) }
}
