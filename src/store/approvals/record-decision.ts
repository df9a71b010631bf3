import type { Vote } from '../../contracts/approvals/approval.ts'
import type { RecordDecisionInput } from '../../contracts/approvals/approval-record.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/runs/message.ts'
import type { ToolOutcome, ToolResultNote } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { epochMillisOf, millisOf } from '../database/time-columns.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { copyWaitToParent, resultWithParent, statusByWaits } from '../record/run-waits.ts'
import { type HandedBy, handedBefore } from '../tools/handed-by.ts'

export interface RecordDecision extends RecordDecisionInput {
  /** What the model reads in place of the tool's result, at `toolResult.seq`: both are given, or neither. */
  readonly message?: ToolMessage
}

/*
 *   run                  the locked row
 *   approval_decided     the approval, if it still waits
 *   messages_added       a person's answer or refusal, in place of the tool's result
 *   call_ended           the tool call that has this result
 *   changed              the run waits for one approval less. Which others it waits for is read from its row instead of the input's
 *                        `stillWaiting`: two decisions may be recorded at the same time, and in the other order
 *   events_added         the decision
 *   parent_changed       the parent waits for one approval less
 *   parent_events_added  the decision, as an event of the parent
 */
const DECIDE = statement(
  'record_decision',
  `
  with ${LOCK_RUN},
  approval_decided as (
    update approvals set status = :status, decided_by = :decided_by, decided_at = :decided_at, message = :person_message,
      comment = :comment, votes = :votes, edited_arguments = :edited_arguments, edited_sha256 = :edited_sha256
    from run
    where approvals.id = :approval_id and approvals.run_id = run.id and approvals.status = 'pending' and run.open
    returning approvals.run_id, approvals.tenant, approvals.step, approvals.index, approvals.tool,
      approvals.requested_at, approvals.decided_at
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message)
    select run_id, :result_seq, tenant, :result_message::json from approval_decided where :result_message::json is not null
    on conflict do nothing
  ),
  call_ended as (
    update tool_calls as call set status = :call_status, outcome = :outcome::json, ended_at = clock_timestamp()
    from approval_decided as approval
    where call.run_id = approval.run_id and call.step = approval.step and call.index = approval.index
      and call.outcome is null and :outcome::json is not null
  ),
  changed as (
    update runs set
      waits_for = array_remove(runs.waits_for, :approval_id),
      ${statusByWaits('array_remove(runs.waits_for, :approval_id)', 'runs.budget_wait')},
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from approval_decided where runs.id = approval_decided.run_id
    returning runs.id, runs.tenant, runs.last_event_seq, runs.parent_run_id
  ),
  ${ADD_EVENTS},
  ${copyWaitToParent('array_remove(parent.waits_for, :approval_id)')}
  ${resultWithParent(
    `, decided.step, decided.tool, ${handedBefore('decided.step')} as "handedBy", run.waits_for as "waitedFor",
    ${epochMillisOf('decided.requested_at')} as "startedAtMs",
    ${millisOf('now() - decided.requested_at')} as "durationMs"`,
    'left join approval_decided as decided on true',
  )}`,
)

/** An approval whose decision is on the record now. */
export interface DecidedApproval extends HandedBy {
  readonly step: number
  readonly tool: string
  /** When it was requested, in milliseconds since 1970, and how long it has waited. */
  readonly startedAtMs: number
  readonly durationMs: number
  /** The run waits for no approval any more. */
  readonly isLast: boolean
}

interface DecidedColumns extends Omit<DecidedApproval, 'isLast'> {
  readonly waitedFor: readonly string[]
}

/**
 * Records what became of an approval, once. The run goes on when it waits for nothing else, and so does its parent.
 *
 * @returns null where it had been recorded before, or the run has ended
 */
export async function recordDecision(db: Db, decision: RecordDecision): Promise<DecidedApproval | null> {
  const { run, approvalId, outcome, votes, edited, toolResult, message } = decision
  if ((toolResult === undefined) !== (message === undefined)) {
    throw new TypeError('A decision has both a tool result and its message, or neither.')
  }
  const { status, by, at, comment } = outcome
  const { changed, waitedFor, ...decided } = await changeRunFor<DecidedColumns>(db, DECIDE, {
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
    values: {
      approval_id: approvalId,
      status,
      decided_by: storableText(by),
      decided_at: at,
      person_message: storableText(outcome.message ?? null),
      comment: storableText(comment ?? null),
      votes: storableJson(votes),
      edited_arguments: edited ? storableJson(edited.arguments) : null,
      edited_sha256: edited?.argumentsSha256 ?? null,
      result_seq: toolResult?.seq ?? null,
      result_message: message ? storableJson(message) : null,
      outcome: toolResult ? storableJson(outcomeOf(toolResult)) : null,
      call_status: toolResult?.code === undefined ? 'answered' : 'rejected',
    },
  })
  if (!changed) return null
  const { step, tool, handedBy, startedAtMs, durationMs } = decided
  return {
    step,
    tool,
    handedBy,
    startedAtMs,
    durationMs,
    isLast: waitedFor.every((id) => id === approvalId),
  }
}

/** A person's answer in place of the tool's counts as a result like any other. */
function outcomeOf({ code }: ToolResultNote): ToolOutcome {
  return code === undefined ? { status: 'ok', preview: '' } : { status: 'failed', code, preview: '' }
}

function toVoteData({ by, decision, at, comment }: Vote): JsonObject {
  return { by, decision, at, ...(comment !== undefined && { comment }) }
}
