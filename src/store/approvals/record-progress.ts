import type { Vote } from '../../contracts/approvals/approval.ts'
import type { RecordProgressInput } from '../../contracts/approvals/approval-record.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, type NewEvent, RESULT } from '../record/change-run.ts'

const PROGRESS = statement(
  'record_progress',
  `
  with ${LOCK_RUN},
  approval_updated as (
    update approvals set progress = :progress, votes = :votes, approvers = :approvers, expires_at = :expires_at
    from run
    where approvals.id = :approval_id and approvals.run_id = run.id and approvals.status = 'pending'
      and approvals.progress < :progress and run.open
    returning approvals.run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from approval_updated where runs.id = approval_updated.run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** Records new votes, and changed approvers or times, of an approval that waits. Each `progress` is recorded once, and none after a later one. */
export async function recordProgress(db: Db, input: RecordProgressInput): Promise<void> {
  const { run, approvalId, progress, votes, approvers, expiresAt } = input
  await changeRun(db, PROGRESS, {
    run,
    events: progressEvents(input),
    values: {
      approval_id: approvalId,
      progress,
      votes: storableJson(votes),
      approvers: approvers.map(storableText),
      expires_at: expiresAt,
    },
  })
}

/** An event for each entry of `what`. The new votes are the last of `votes`, one for each `voted`. */
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
