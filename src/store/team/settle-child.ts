import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/runs/message.ts'
import { isTerminal, type RunId, type RunIdentity } from '../../contracts/runs/run.ts'
import type { CloseChildInput } from '../../contracts/team/sub-agent.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { settleLeftOpen } from '../models/settle-abandoned-attempts.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, type NewEvent, RESULT } from '../record/change-run.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'
import { usageAdded } from './usage-added.ts'

/** A sub-agent's answer, as its parent's model is shown it. */
export interface ChildAnswer extends Omit<CloseChildInput, 'run' | 'childRunId'> {
  readonly message: ToolMessage
  readonly outcome: ToolOutcome
}

/*
 *   run             the parent's locked row
 *   child           the sub-agent's row, unless its usage was added before
 *   answered        one row where the parent is open and gets an answer
 *   call_ended      the tool call that started the sub-agent
 *   messages_added  the answer, in the parent's transcript
 *   tool_noted      the tool as used by the principal
 *   changed         the parent: the sub-agent's usage is added, its share released
 *   events_added    the parent's events
 */
const SETTLE_CHILD = statement(
  'return_child',
  `
  with ${LOCK_RUN},
  child as (
    update runs set returned = true
    from run where runs.id = :child_run_id and runs.parent_run_id = run.id and not runs.returned
    returning runs.*
  ),
  answered as (
    select run.id, run.tenant, run.principal from run, child where run.open and :message::json is not null
  ),
  call_ended as (
    insert into tool_calls as call (run_id, step, index, tenant, call_id, tool, status, outcome, ended_at)
    select id, :step, :index, tenant, :call_id, :tool, 'done', :outcome, clock_timestamp() from answered
    on conflict (run_id, step, index, again) do update
      set status = excluded.status, outcome = excluded.outcome, ended_at = excluded.ended_at
      where call.outcome is null
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message) select id, :seq, tenant, :message::json from answered
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  tool_noted as (
    insert into tools_used (tenant, principal, tool)
    select tenant, principal, :tool from answered where :outcome::json ->> 'status' = 'ok'
    on conflict do nothing
  ),
  changed as (
    update runs set
      ${usageAdded('child')},
      usage_estimated = runs.usage_estimated or child.usage_estimated,
      tool_calls = runs.tool_calls + child.tool_calls + (select count(*)::integer from answered),
      held_micro_usd = runs.held_micro_usd - coalesce(child.share_micro_usd, 0),
      held_tokens = runs.held_tokens - coalesce(child.share_tokens, 0),
      held_model_calls = runs.held_model_calls - coalesce(child.share_model_calls, 0),
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run, child where runs.id = run.id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

const LOCK_CHILD = statement(
  'lock_child',
  `
  select ${RUN_COLUMNS}, returned from runs where id = :child_run_id and tenant = :tenant and parent_run_id = :run_id
  for no key update`,
)

const LOCK_OPEN = statement(
  'lock_open',
  'select completed_at is null as open from runs where id = :run_id and tenant = :tenant for no key update',
)

export interface SettledChild {
  readonly child: RunRow
  /** The parent has the answer by this call; false where it had it before, or has ended. */
  readonly answered: boolean
}

/**
 * Adds a sub-agent's usage to its parent's, releases its share, and stores its answer for the parent; repeated, it changes nothing.
 * After the parent's end only the usage is added.
 *
 * To be called in a transaction, since both rows are read under their locks: the sub-agent's first, then its parent's, then the shared
 * budgets. Another order would deadlock with `closeRun`.
 */
export async function settleChild(
  tx: Db,
  { run, childRunId }: { readonly run: RunIdentity; readonly childRunId: RunId },
  answer: ChildAnswer | null,
): Promise<SettledChild> {
  const { returned, ...child } = await lockChild(tx, run, childRunId)
  if (!isTerminal(child.status)) throw new Error(`Run ${childRunId} has not ended.`)
  if (returned) return { child, answered: false }
  const wanted = (await lockOpen(tx, run)) ? answer : null
  // An attempt can be reserved after `closeRun` took its snapshot. Settle it here, or its cost counts nowhere.
  await settleLeftOpen(tx, { runId: childRunId, tenant: run.tenant })
  const settled = await changeRun(tx, SETTLE_CHILD, {
    run,
    events: wanted === null ? [] : answerEvents(child, wanted),
    values: {
      child_run_id: childRunId,
      step: wanted?.step ?? null,
      index: wanted?.index ?? null,
      seq: wanted?.seq ?? null,
      message: wanted === null ? null : storableJson(wanted.message),
      call_id: wanted === null ? null : storableText(wanted.callId),
      tool: wanted === null ? null : storableText(wanted.tool),
      outcome: wanted === null ? null : storableJson(wanted.outcome),
    },
  })
  return { child, answered: settled && wanted !== null }
}

async function lockChild(
  tx: Db,
  { runId, tenant }: RunIdentity,
  childRunId: string,
): Promise<RunRow & { readonly returned: boolean }> {
  const [row] = await tx.query<RunColumns & { returned: boolean }>(
    LOCK_CHILD.with({ child_run_id: childRunId, tenant, run_id: runId }),
  )
  if (row === undefined) throw new Error(`Run ${runId} has no sub-agent ${childRunId}.`)
  const { returned, ...columns } = row
  return { ...toRunRow(columns), returned }
}

async function lockOpen(tx: Db, { runId, tenant }: RunIdentity): Promise<boolean> {
  const [row] = await tx.query<{ open: boolean }>(LOCK_OPEN.with({ run_id: runId, tenant }))
  return row?.open ?? false
}

function answerEvents(child: RunRow, { step, index, callId, tool, outcome }: ChildAnswer): NewEvent[] {
  const { id, agent, status, reason } = child
  const { code, preview } = outcome
  return [
    {
      type: 'sub_agent.completed',
      data: {
        child_run_id: id,
        agent,
        step,
        index,
        status,
        ...(reason !== null && { reason }),
        usage: usageData(child),
      },
    },
    {
      type: outcome.status === 'ok' ? 'tool.completed' : 'tool.failed',
      data: { step, index, call_id: callId, tool, status: outcome.status, ...(code && { code }), preview },
    },
  ]
}

function usageData({ usage, promptCacheSavedMicroUsd }: RunRow): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    model_calls: usage.modelCalls,
    tool_calls: usage.toolCalls,
    cost_micro_usd: usage.costMicroUsd,
    ...(usage.estimated && { estimated: true }),
    prompt_cache_saved_micro_usd: promptCacheSavedMicroUsd,
  }
}
