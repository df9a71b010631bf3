import { type Approvers, firstApprovers } from '../../contracts/approval.ts'
import type { RequestApprovalInput } from '../../contracts/approval-record.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'
import { ANSWER_SURFACED, statusByWaits, surface } from '../record/run-waits.ts'

/** The activity's input with its arguments looked up, and what the tool has found out about the call. */
export interface RequestApproval extends RequestApprovalInput {
  readonly arguments: JsonObject
  readonly facts?: JsonObject
  /** What a decision has to repeat, where it is not the hash of the arguments. */
  readonly decisionSha256?: string
  /** Who may decide; those of the terms where the tool names nobody. */
  readonly approvers?: Approvers
}

const REQUEST = `
  with ${LOCK_RUN},
  written as (
    insert into approvals
      (id, run_id, tenant, agent, step, index, tool, effect, arguments, arguments_sha256, cause, rule, expires_at,
        requester, terms, approvers, parent_run_id, principals, facts, decision_sha256)
    select $5, run.id, run.tenant, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
      run.principal, $16, $17, run.parent_run_id, $18, $19, $20
    from run where run.open
    on conflict do nothing
    returning id, run_id
  ),
  changed as (
    update runs set
      waits_for = array_append(runs.waits_for, written.id),
      ${statusByWaits('array_append(runs.waits_for, written.id)', 'runs.budget_wait')},
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written where runs.id = written.run_id
    returning runs.id, runs.tenant, runs.last_event_seq, runs.parent_run_id
  ),
  ${TELL_EVENTS},
  ${surface('array_append(parent.waits_for, $5)')}
  ${ANSWER_SURFACED}`

/** Puts a call to a person; the run waits, and the one that it works for. Does nothing where it has been asked before. */
export async function requestApproval(db: Db, request: RequestApproval): Promise<void> {
  const { run, approvalId, step, index, tool, effect, argumentsSha256, cause, rule, expiresAt } = request
  const { facts, decisionSha256 } = request
  const { principals, groups } = firstApprovers(request.terms, request.approvers)
  await changeRun(db, {
    name: 'request_approval',
    text: REQUEST,
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
    values: [
      approvalId,
      request.agent,
      step,
      index,
      storableText(tool),
      effect,
      storableJson(request.arguments),
      argumentsSha256,
      cause,
      rule,
      expiresAt,
      storableJson(request.terms),
      groups.map(storableText),
      principals.map(storableText),
      facts === undefined ? null : storableJson(facts),
      decisionSha256 ?? null,
    ],
  })
}
