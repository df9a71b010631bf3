import type { FailedHop, ModelDecision } from '../contracts/activities.ts'
import type { AssistantMessage, ToolMessage } from '../contracts/message.ts'
import type { Provider } from '../contracts/model.ts'
import type { RunIdentity } from '../contracts/run.ts'
import type { Db } from './database.ts'
import { modelCallEvents } from './model-call-events.ts'
import { ANSWER, changeRun, LOCK_RUN, TELL_EVENTS } from './run-change.ts'
import { storableJson, storableText } from './storable.ts'

export interface StoreModelCall {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  readonly attempt: number
  /** Transcript position of the answer. */
  readonly seq: number
  /** Ids of added messages, placed just before the answer. */
  readonly inbox: readonly string[]
  readonly failedHops: readonly FailedHop[]
  readonly provider: Provider
  /** The model that was asked for. */
  readonly model: string
  readonly requestId: string | null
  readonly message: AssistantMessage
  /** What the model is told about calls that can't be run. */
  readonly notes: readonly { readonly seq: number; readonly message: ToolMessage }[]
  readonly decision: ModelDecision
  readonly latencyMs: number
}

/*
 * `(step, hop) >= (run.steps, run.hop)`: an attempt that the workflow has long given up may still come in with its answer.
 * Once a later hop or step has answered it finds its place taken; before that, its messages are overwritten by the answer
 * that counts.
 */
const STORE = `
  with ${LOCK_RUN},
  written as (
    insert into model_calls
      (run_id, step, hop, tenant, attempt, seq, provider, model, served_by, request_id, decision, latency_ms)
    select run.id, $5, $6, run.tenant, $7, $8, $9, $10, $11, $12, $13, $14
    from run where run.open and ($5::integer, $6::integer) >= (run.steps, run.hop)
    on conflict do nothing
    returning run_id, tenant
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message)
    select written.run_id, entry.seq, written.tenant, entry.message
    from written, rows from (unnest($15::integer[]), json_array_elements($16::json)) as entry (seq, message)
    union all
    select written.run_id, $8 - cardinality($17::text[]) + listed.n - 1, written.tenant, inbox.message
    from written, unnest($17::text[]) with ordinality as listed (id, n)
    join inbox_messages as inbox on inbox.run_id = $1 and inbox.id = listed.id
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  marked as (
    update inbox_messages as inbox set placed = true
    from written
    where inbox.run_id = written.run_id and inbox.id = any ($17::text[])
    returning inbox.id
  ),
  requested as (
    insert into tool_calls (run_id, step, index, tenant, call_id, tool, arguments, status)
    select written.run_id, $5, call.index, written.tenant, call.call_id, call.tool, call.arguments, 'requested'
    from written, rows from (
      unnest($18::integer[]), unnest($19::text[]), unnest($20::text[]), json_array_elements($21::json)
    ) as call (index, call_id, tool, arguments)
    on conflict (run_id, step, index, again) do update
      set call_id = excluded.call_id, tool = excluded.tool, arguments = excluded.arguments
  ),
  changed as (
    update runs set
      input_tokens = runs.input_tokens + $22,
      cached_input_tokens = runs.cached_input_tokens + $23,
      output_tokens = runs.output_tokens + $24,
      cost_micro_usd = runs.cost_micro_usd + $25,
      model_calls = runs.model_calls + 1,
      served_by = $11,
      steps = $5,
      hop = $6,
      inbox_placed = runs.inbox_placed + (select count(*)::integer from marked),
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written
    where runs.id = written.run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/**
 * Keeps a model's answer with all that follows from it, and returns the decision that counts for the call's key
 * `run/step/hop`: the one that was stored first.
 */
export async function storeModelCall(db: Db, call: StoreModelCall): Promise<ModelDecision> {
  const { run, step, hop, message, notes, decision } = call
  const { usage } = decision
  const runnable = decision.toolCalls.filter(({ problem }) => problem === undefined)
  const stored = await changeRun(db, {
    name: 'store_model_call',
    text: STORE,
    run,
    events: modelCallEvents(call),
    values: [
      step,
      hop,
      call.attempt,
      call.seq,
      call.provider,
      call.model,
      storableText(decision.servedBy),
      storableText(call.requestId),
      storableJson(decision),
      call.latencyMs,
      [call.seq, ...notes.map((note) => note.seq)],
      storableJson([message, ...notes.map((note) => note.message)]),
      call.inbox,
      runnable.map(({ index }) => index),
      runnable.map(({ callId }) => storableText(callId)),
      runnable.map(({ tool }) => storableText(tool)),
      storableJson(runnable.map(({ index }) => message.toolCalls[index]?.arguments ?? {})),
      usage.inputTokens,
      usage.cachedInputTokens,
      usage.outputTokens,
      decision.costMicroUsd,
    ],
  })
  return stored ? decision : ((await findDecision(db, call)) ?? decision)
}

async function findDecision(db: Db, { run, step, hop }: StoreModelCall): Promise<ModelDecision | undefined> {
  const [row] = await db.query<{ decision: ModelDecision }>({
    name: 'find_decision',
    text: 'select decision from model_calls where run_id = $1 and step = $2 and hop = $3',
    values: [run.runId, step, hop],
  })
  return row?.decision
}
