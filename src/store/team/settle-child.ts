import type { CloseChildInput, ToolOutcome } from '../../contracts/activities.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { ToolMessage } from '../../contracts/message.ts'
import { isTerminal, type RunId, type RunIdentity } from '../../contracts/run.ts'
import type { RunUsage } from '../../contracts/usage.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { settleLeftOpen } from '../models/settle-abandoned-attempts.ts'
import { ANSWER, changeRun, LOCK_RUN, type NewEvent, TELL_EVENTS } from '../record/run-change.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

/** What the parent's model is told of its sub-agent. */
export interface ChildAnswer extends Omit<CloseChildInput, 'run' | 'childRunId'> {
  readonly message: ToolMessage
  readonly outcome: ToolOutcome
}

const RETURN = `
  with ${LOCK_RUN},
  child as (
    update runs set returned = true
    from run where runs.id = $5 and runs.parent_run_id = run.id and not runs.returned
    returning runs.*
  ),
  answered as (
    select run.id, run.tenant, run.principal from run, child where run.open and $9::json is not null
  ),
  ended as (
    insert into tool_calls as call (run_id, step, index, tenant, call_id, tool, status, outcome, ended_at)
    select id, $6, $7, tenant, $10, $11, 'done', $12, clock_timestamp() from answered
    on conflict (run_id, step, index, again) do update
      set status = excluded.status, outcome = excluded.outcome, ended_at = excluded.ended_at
      where call.outcome is null
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message) select id, $8, tenant, $9::json from answered
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  used as (
    insert into tools_used (tenant, principal, tool)
    select tenant, principal, $11 from answered where $12::json ->> 'status' = 'ok'
    on conflict do nothing
  ),
  changed as (
    update runs set
      input_tokens = runs.input_tokens + child.input_tokens,
      cached_input_tokens = runs.cached_input_tokens + child.cached_input_tokens,
      output_tokens = runs.output_tokens + child.output_tokens,
      cost_micro_usd = runs.cost_micro_usd + child.cost_micro_usd,
      settled_micro_usd = runs.settled_micro_usd + child.settled_micro_usd,
      unknown_micro_usd = runs.unknown_micro_usd + child.unknown_micro_usd,
      unknown_tokens = runs.unknown_tokens + child.unknown_tokens,
      model_calls = runs.model_calls + child.model_calls,
      attempts = runs.attempts + child.attempts,
      tool_calls = runs.tool_calls + child.tool_calls + (select count(*)::integer from answered),
      held_micro_usd = runs.held_micro_usd - coalesce(child.share_micro_usd, 0),
      held_tokens = runs.held_tokens - coalesce(child.share_tokens, 0),
      held_model_calls = runs.held_model_calls - coalesce(child.share_model_calls, 0),
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run, child where runs.id = run.id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/**
 * Brings a run's usage to the one that it works for, releases what was set aside for it, and tells the answer; once. After the
 * parent's end only the usage is brought. To be called in a transaction, since both rows have to be looked at under their locks:
 * the run's own first, and shared budgets after both.
 */
export async function settleChild(
  tx: Db,
  { run, childRunId }: { readonly run: RunIdentity; readonly childRunId: RunId },
  answer: ChildAnswer | null,
): Promise<RunRow> {
  const { returned, ...child } = await lockChild(tx, run, childRunId)
  if (!isTerminal(child.status)) throw new Error(`Run ${childRunId} has not ended.`)
  if (returned) return child
  const told = (await lockOpen(tx, run)) ? answer : null
  // What ended it may have looked before an attempt that was begun just then: without this, nobody would hold that attempt's cost.
  await settleLeftOpen(tx, { runId: childRunId, tenant: run.tenant })
  await changeRun(tx, {
    name: 'return_child',
    text: RETURN,
    run,
    events: told === null ? [] : returnEvents(child, told),
    values: [
      childRunId,
      told?.step ?? null,
      told?.index ?? null,
      told?.seq ?? null,
      told === null ? null : storableJson(told.message),
      told === null ? null : storableText(told.callId),
      told === null ? null : storableText(told.tool),
      told === null ? null : storableJson(told.outcome),
    ],
  })
  return child
}

async function lockChild(
  tx: Db,
  { runId, tenant }: RunIdentity,
  childRunId: string,
): Promise<RunRow & { readonly returned: boolean }> {
  const [row] = await tx.query<RunColumns & { returned: boolean }>({
    name: 'lock_child',
    text: `
      select ${RUN_COLUMNS}, returned from runs where id = $1 and tenant = $2 and parent_run_id = $3
      for no key update`,
    values: [childRunId, tenant, runId],
  })
  if (row === undefined) throw new Error(`Run ${runId} has no sub-agent ${childRunId}.`)
  const { returned, ...columns } = row
  return { ...toRunRow(columns), returned }
}

async function lockOpen(tx: Db, { runId, tenant }: RunIdentity): Promise<boolean> {
  const [row] = await tx.query<{ open: boolean }>({
    name: 'lock_open',
    text: `select completed_at is null as open from runs where id = $1 and tenant = $2 for no key update`,
    values: [runId, tenant],
  })
  return row?.open ?? false
}

function returnEvents(child: RunRow, { step, index, callId, tool, outcome }: ChildAnswer): NewEvent[] {
  const { id, agent, status, reason, usage } = child
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
        usage: usageData(usage),
      },
    },
    {
      type: outcome.status === 'ok' ? 'tool.completed' : 'tool.failed',
      data: { step, index, call_id: callId, tool, status: outcome.status, ...(code && { code }), preview },
    },
  ]
}

function usageData(usage: RunUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    model_calls: usage.modelCalls,
    tool_calls: usage.toolCalls,
    cost_micro_usd: usage.costMicroUsd,
  }
}
