import type { RunSpent } from '../../contracts/budget.ts'
import type { FailedHop } from '../../contracts/ending.ts'
import type { AssistantMessage, ToolMessage } from '../../contracts/message.ts'
import type { Provider } from '../../contracts/model.ts'
import type { ModelDecision } from '../../contracts/model-call.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Verdict } from '../../contracts/tool.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { findInboxMessages } from '../record/messages.ts'
import { changeRunFor, LOCK_RUN } from '../record/run-change.ts'
import { modelCallEvents } from './model-call-events.ts'
import { SPENT_COLUMNS, toSpent } from './run-spent.ts'
import { settleAttempt } from './settle-attempt.ts'
import {
  attempted,
  NOTHING_SHARED,
  SETTLED,
  SETTLED_EVENTS,
  type SettleAttempt,
  SHARED_SETTLEMENT,
  settlement,
  settlementValues,
  TELL_SETTLED,
  TOLD_COLUMNS,
} from './settlement.ts'

export interface StoreModelCall {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** As `beginModelCall` has given them. */
  readonly attempt: number
  readonly shared: boolean
  /** Transcript position of the answer. */
  readonly seq: number
  /** Ids of added messages, placed just before the answer. */
  readonly inbox: readonly string[]
  readonly failedHops: readonly FailedHop[]
  readonly provider: Provider
  /** The model that was asked for. */
  readonly model: string
  /** Of the request, as it was begun with. */
  readonly contextKey: string
  readonly requestId: string | null
  readonly message: AssistantMessage
  /** What the model is told about calls that can't be run. */
  readonly notes: readonly { readonly seq: number; readonly message: ToolMessage }[]
  readonly decision: ModelDecision
  /** What the plan says of the decision's calls, in their order; absent where the run's activities are not held to it. */
  readonly verdicts?: readonly { readonly verdict: Verdict; readonly terms: string }[]
  readonly latencyMs: number
}

/*
 * `(step, hop) >= (run.steps, run.hop)`: an attempt that the workflow has long given up may still come in with its answer.
 * Once a later hop or step has answered it finds its place taken; before that, its messages are overwritten by the answer
 * that counts.
 */
const STORE = statement(attempted(), SHARED_SETTLEMENT)

/** For an attempt that no shared budget knows of, without what those cost. */
const STORE_UNSHARED = statement(attempted('unshared'), NOTHING_SHARED)

function statement(attempt: string, shared: string): string {
  return `
  with ${LOCK_RUN},
  ${attempt},
  written as (
    insert into model_calls
      (run_id, step, hop, tenant, attempt, seq, provider, model, served_by, request_id, decision, latency_ms)
    select run.id, $5, $6, run.tenant, $7, $19, $20, $21, $10, $11, $22, $23
    from run, attempted where run.open and ($5::integer, $6::integer) >= (run.steps, run.hop)
    on conflict do nothing
    returning run_id, tenant
  ),
  placed as (
    insert into messages (run_id, seq, tenant, message)
    select written.run_id, entry.seq, written.tenant, entry.message
    from written, rows from (unnest($24::integer[]), json_array_elements($25::json)) as entry (seq, message)
    union all
    select written.run_id, $19 - cardinality($26::text[]) + listed.n - 1, written.tenant, inbox.message
    from written, unnest($26::text[]) with ordinality as listed (id, n)
    join inbox_messages as inbox on inbox.run_id = $1 and inbox.id = listed.id
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  marked as (
    update inbox_messages as inbox set placed = true
    from written
    where inbox.run_id = $1 and inbox.id = any ($26::text[])
    returning inbox.id
  ),
  requested as (
    insert into tool_calls (
      run_id, step, index, tenant, call_id, tool, arguments, arguments_sha256, verdict, terms, first_time, result_seq, status
    )
    select written.run_id, $5, call.index, written.tenant, call.call_id, call.tool, call.arguments, call.sha256,
      call.verdict, call.terms, call.first_time, $19 + 1 + call.index, 'requested'
    from written, rows from (
      unnest($27::integer[]), unnest($28::text[]), unnest($29::text[]), json_array_elements($30::json),
      unnest($32::text[]), unnest($33::text[]), unnest($34::text[]), unnest($35::boolean[])
    ) as call (index, call_id, tool, arguments, sha256, verdict, terms, first_time)
    on conflict (run_id, step, index, again) do update
      set call_id = excluded.call_id, tool = excluded.tool, arguments = excluded.arguments,
        arguments_sha256 = excluded.arguments_sha256, verdict = excluded.verdict, terms = excluded.terms,
        first_time = excluded.first_time, result_seq = excluded.result_seq
  ),
  ${settlement('written')},
  ${shared},
  changed as (
    update runs set
      ${SETTLED},
      context_tokens = case when $13 then $14::bigint + $17::bigint end,
      context_model = $31,
      context_seq = $19,
      served_by = $10,
      steps = $5,
      hop = $6,
      inbox_placed = runs.inbox_placed + (select count(*)::integer from marked),
      last_event_seq = runs.last_event_seq + ${SETTLED_EVENTS}
    from written, counted
    where runs.id = $1
    returning ${TOLD_COLUMNS}, ${SPENT_COLUMNS}
  ),
  ${TELL_SETTLED}
  select changed.id is not null as changed, changed."costMicroUsd", changed."unknownMicroUsd", changed.tokens,
    changed."modelCalls",
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join changed on true`
}

/** The decision that counts for a call, and the run's totals with it. */
export interface StoredModelCall {
  readonly decision: ModelDecision
  readonly spent: RunSpent
}

/**
 * Keeps a model's answer with all that follows from it, settles its attempt, and returns the decision that counts for the
 * call's key `run/step/hop`: the one that was stored first. An answer that does not count is paid for all the same.
 */
export async function storeModelCall(db: Db, call: StoreModelCall): Promise<StoredModelCall> {
  const { run, message, notes, decision } = call
  const settle = toSettle(call)
  const runnable = decision.toolCalls.filter(({ problem }) => problem === undefined)
  const events = modelCallEvents(call, await findInboxMessages(db, run, call.inbox))
  const values = [
    ...settlementValues(settle),
    call.seq,
    call.provider,
    call.model,
    storableJson(decision),
    call.latencyMs,
    [call.seq, ...notes.map((note) => note.seq)],
    storableJson([message, ...notes.map((note) => note.message)]),
    call.inbox,
    runnable.map(({ index }) => index),
    runnable.map(({ callId }) => storableText(callId)),
    runnable.map(({ tool }) => storableText(tool)),
    storableJson(runnable.map(({ index }) => message.toolCalls[index]?.arguments ?? {})),
    call.contextKey,
    runnable.map(({ argumentsSha256 }) => argumentsSha256),
    runnable.map(({ index }) => call.verdicts?.[index]?.verdict ?? null),
    runnable.map(({ index }) => call.verdicts?.[index]?.terms ?? null),
    runnable.map(({ firstTime }) => firstTime ?? null),
  ]
  const store = (name: string, text: string) =>
    changeRunFor<RunSpent>(db, { name, text, run, events, values })
  if (!call.shared) {
    const row = await store('store_model_call_unshared', STORE_UNSHARED)
    if (row.changed) return { decision, spent: toSpent(row) }
    // It was not to be stored; or a budget that was made since then counts it.
  }
  const row = await store('store_model_call', STORE)
  if (row.changed) return { decision, spent: toSpent(row) }
  const spent = await settleAttempt(db, settle)
  return { decision: (await findDecision(db, call)) ?? decision, spent }
}

function toSettle({ run, step, hop, attempt, decision, requestId }: StoreModelCall): SettleAttempt {
  const { costMicroUsd, servedBy, usage } = decision
  return { run, step, hop, attempt, status: 'ok', servedBy, requestId, costMicroUsd, usage }
}

async function findDecision(db: Db, { run, step, hop }: StoreModelCall): Promise<ModelDecision | undefined> {
  const [row] = await db.query<{ decision: ModelDecision }>({
    name: 'find_decision',
    text: 'select decision from model_calls where run_id = $1 and step = $2 and hop = $3',
    values: [run.runId, step, hop],
  })
  return row?.decision
}
