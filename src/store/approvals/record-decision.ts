import type { Vote } from '../../contracts/approval.ts'
import type { RecordDecisionInput } from '../../contracts/approval-record.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/message.ts'
import type { ToolOutcome, ToolResultNote } from '../../contracts/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'
import { ANSWER_SURFACED, statusByWaits, surface } from '../record/run-waits.ts'

/** `message` stands in the transcript at `toolResult.seq`: both or neither. */
export interface RecordDecision extends RecordDecisionInput {
  readonly message?: ToolMessage
}

/*
 * Whether others still wait is read from the run's row, not from `stillWaiting`: two decisions may be recorded at the same time,
 * and in the other order.
 */
const DECIDE = `
  with ${LOCK_RUN},
  written as (
    update approvals set status = $6, decided_by = $7, decided_at = $8, message = $9, comment = $10,
      votes = $14, edited_arguments = $15, edited_sha256 = $16
    from run
    where approvals.id = $5 and approvals.run_id = run.id and approvals.status = 'pending' and run.open
    returning approvals.run_id, approvals.tenant, approvals.step, approvals.index
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message)
    select run_id, $11, tenant, $12::json from written where $12::json is not null
    on conflict do nothing
  ),
  ended as (
    update tool_calls as call set status = $17, outcome = $13::json, ended_at = clock_timestamp()
    from written
    where call.run_id = written.run_id and call.step = written.step and call.index = written.index
      and call.outcome is null and $13::json is not null
  ),
  changed as (
    update runs set
      waits_for = array_remove(runs.waits_for, $5),
      ${statusByWaits('array_remove(runs.waits_for, $5)', 'runs.budget_wait')},
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written where runs.id = written.run_id
    returning runs.id, runs.tenant, runs.last_event_seq, runs.parent_run_id
  ),
  ${TELL_EVENTS},
  ${surface('array_remove(parent.waits_for, $5)')}
  ${ANSWER_SURFACED}`

/** Records what became of an approval, once; the run, and the one that it works for, goes on when nothing else waits. */
export async function recordDecision(db: Db, decision: RecordDecision): Promise<void> {
  const { run, approvalId, outcome, votes, edited, toolResult, message } = decision
  if ((toolResult === undefined) !== (message === undefined)) {
    throw new TypeError('A decision has both a tool result and its message, or neither.')
  }
  const { status, by, at, comment } = outcome
  await changeRun(db, {
    name: 'record_decision',
    text: DECIDE,
    run,
    events: [
      {
        type: 'approval.decided',
        data: {
          approval_id: approvalId,
          status,
          by,
          ...(comment !== undefined && { comment }),
          ...(votes.length > 0 && { votes: votes.map(toVoteData) }),
          ...(edited && { edited_arguments_sha256: edited.argumentsSha256 }),
        },
      },
    ],
    values: [
      approvalId,
      status,
      storableText(by),
      at,
      storableText(outcome.message ?? null),
      storableText(comment ?? null),
      toolResult?.seq ?? null,
      message ? storableJson(message) : null,
      toolResult ? storableJson(outcomeOf(toolResult)) : null,
      storableJson(votes),
      edited ? storableJson(edited.arguments) : null,
      edited?.argumentsSha256 ?? null,
      toolResult?.code === undefined ? 'answered' : 'rejected',
    ],
  })
}

/** A person's answer in the tool's place is a result like any other. */
function outcomeOf({ code }: ToolResultNote): ToolOutcome {
  return code === undefined ? { status: 'ok', preview: '' } : { status: 'failed', code, preview: '' }
}

function toVoteData({ by, decision, at, comment }: Vote): JsonObject {
  return { by, decision, at, ...(comment !== undefined && { comment }) }
}
