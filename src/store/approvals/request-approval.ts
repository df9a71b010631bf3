import { type Approvers, firstApprovers } from '../../contracts/approvals/approval.ts'
import type { RequestApprovalInput } from '../../contracts/approvals/approval-record.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { copyWaitToParent, resultWithParent, statusByWaits } from '../record/run-waits.ts'

/** The activity's input with the call's stored arguments, and what the tool's look-up has found. */
export interface RequestApproval extends RequestApprovalInput {
  readonly arguments: JsonObject
  readonly facts?: JsonObject
  /** The hash that a decision has to repeat, where it is not that of the arguments. */
  readonly decisionSha256?: string
  /** Who may decide. Without it the approvers of the terms may. */
  readonly approvers?: Approvers
}

/*
 *   run                  the locked row
 *   approval_added       the approval, unless it was requested before
 *   changed              the run waits for it
 *   events_added         the request
 *   parent_changed       the parent waits for it, too
 *   parent_events_added  the request, as an event of the parent
 */
const REQUEST = statement(
  'request_approval',
  `
  with ${LOCK_RUN},
  approval_added as (
    insert into approvals
      (id, run_id, tenant, agent, step, index, tool, effect, arguments, arguments_sha256, cause, rule, expires_at,
        requester, terms, approvers, parent_run_id, principals, facts, decision_sha256)
    select :approval_id, run.id, run.tenant, :agent, :step, :index, :tool, :effect, :arguments, :arguments_sha256, :cause, :rule,
      :expires_at, run.principal, :terms, :approvers, run.parent_run_id, :principals, :facts, :decision_sha256
    from run where run.open
    on conflict do nothing
    returning id, run_id
  ),
  changed as (
    update runs set
      waits_for = array_append(runs.waits_for, approval_added.id),
      ${statusByWaits('array_append(runs.waits_for, approval_added.id)', 'runs.budget_wait')},
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from approval_added where runs.id = approval_added.run_id
    returning runs.id, runs.tenant, runs.last_event_seq, runs.parent_run_id
  ),
  ${ADD_EVENTS},
  ${copyWaitToParent('array_append(parent.waits_for, :approval_id)')}
  ${resultWithParent(`, run.waits_for as "waitedFor"`)}`,
)

/**
 * Asks people to decide about a call: the run waits for them, and so does its parent. A repeated request changes nothing.
 *
 * @returns `begins`: the run had waited for no approval before
 */
export async function requestApproval(
  db: Db,
  request: RequestApproval,
): Promise<{ readonly requested: boolean; readonly begins: boolean }> {
  const { run, approvalId, step, index, tool, effect, argumentsSha256, cause, rule, expiresAt } = request
  const { facts, decisionSha256 } = request
  const { principals, groups } = firstApprovers(request.terms, request.approvers)
  const { changed, waitedFor } = await changeRunFor<{ readonly waitedFor: readonly string[] }>(db, REQUEST, {
    run,
    events: [
      {
        type: 'approval.requested',
        data: {
          approval_id: approvalId,
          step,
          index,
          tool,
          effect,
          arguments_sha256: decisionSha256 ?? argumentsSha256,
          ...(facts !== undefined && { facts }),
          cause,
          rule,
          expires_at: expiresAt,
        },
      },
    ],
    values: {
      approval_id: approvalId,
      agent: request.agent,
      step,
      index,
      tool: storableText(tool),
      effect,
      arguments: storableJson(request.arguments),
      arguments_sha256: argumentsSha256,
      cause,
      rule,
      expires_at: expiresAt,
      terms: storableJson(request.terms),
      approvers: groups.map(storableText),
      principals: principals.map(storableText),
      facts: facts === undefined ? null : storableJson(facts),
      decision_sha256: decisionSha256 ?? null,
    },
  })
  return { requested: changed, begins: changed && waitedFor.length === 0 }
}
