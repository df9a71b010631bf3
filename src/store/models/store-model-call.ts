import type { RunSpent } from '../../contracts/budgets/budget.ts'
import type { Provider } from '../../contracts/models/model.ts'
import type { HedgedWith, ModelDecision } from '../../contracts/models/model-call.ts'
import type { FailedHop } from '../../contracts/runs/ending.ts'
import type { AssistantMessage, ToolMessage, UserMessage } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Verdict } from '../../contracts/tools/tool.ts'
import type { Db } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { type NamedStatement, statement, type Values } from '../database/statement.ts'
import { changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { findInboxMessages } from '../record/messages.ts'
import { modelCallEvents } from './model-call-events.ts'
import { SPENT_COLUMNS, toSpent } from './run-spent.ts'
import { settleAttempt } from './settle-attempt.ts'
import {
  ADD_SETTLEMENT_EVENTS,
  NOTHING_SHARED,
  SETTLED,
  SETTLED_COLUMNS,
  SETTLED_EVENTS,
  type SettleAttempt,
  SHARED_SETTLEMENT,
  settlement,
  settlementValues,
  unsettledAttempt,
} from './settlement.ts'

export interface StoreModelCall {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** As `beginModelCall` returned it. So is `shared`. */
  readonly attempt: number
  readonly shared: boolean
  /** Transcript position of the answer. */
  readonly seq: number
  /** Ids of added messages. They stand just before the answer in the transcript. */
  readonly inbox: readonly string[]
  readonly failedHops: readonly FailedHop[]
  /** The last hop whose answer is one to the same call; the answer's own where it is not given. */
  readonly lastHop?: number
  /** The other model that was asked for this answer. */
  readonly hedge?: HedgedWith
  /** Another attempt had asked for it, and was lost with its worker. */
  readonly reattached?: true
  readonly provider: Provider
  /** The model that was asked for. */
  readonly model: string
  /** The request's, as `beginModelCall` was given it. */
  readonly contextKey: string
  readonly requestId: string | null
  readonly message: AssistantMessage
  /** Messages to the model about calls that can't be run, or about an answer that can't be used. */
  readonly notes: readonly { readonly seq: number; readonly message: ToolMessage | UserMessage }[]
  /** JSON pointers of what does not fit the output schema. */
  readonly misfits?: readonly string[]
  readonly decision: ModelDecision
  /** What the plan's rules say of the decision's calls, in the order of the calls; absent in a run that was accepted without a stored plan. */
  readonly verdicts?: readonly { readonly verdict: Verdict; readonly terms: string }[]
  readonly latencyMs: number
  /** As {@link SettleAttempt} has it. */
  readonly promptCacheSavedMicroUsd?: number | null
  readonly routingSavedMicroUsd?: number | null
}

/** The parts of the statement that go by how the answer was come by. */
export interface AnswerParts {
  /** `unsettled`: a row if the answer may be stored. */
  readonly attempt: string
  /** `amounts`: a row if it was. */
  readonly settlement: string
  /** {@link SHARED_SETTLEMENT}, or what stands in for it. */
  readonly shared: string
}

const BOOKED = { settlement: settlement('call_added'), shared: SHARED_SETTLEMENT }

const STORE = storing('store_model_call', { ...BOOKED, attempt: unsettledAttempt() })

/** For an attempt that was booked in no shared budget: it leaves out the work on their counters. */
const STORE_UNSHARED = storing('store_model_call_unshared', {
  ...BOOKED,
  attempt: unsettledAttempt('unshared'),
  shared: NOTHING_SHARED,
})

/*
 *   run               the locked row
 *   unsettled         the locked attempt
 *   call_added        the answer, unless one is stored for its hop, or a later hop or step has answered: the workflow may have given
 *                     the attempt up long before its answer comes. An answer that came in late before that is overwritten, together
 *                     with its messages and calls, by the answer that counts
 *   messages_added    the answer's message, notes about it and its calls, and the added messages that it was shown
 *   inbox_marked      the added messages, as shown
 *   tool_calls_added  its calls
 *   …                 `amounts` to `counters_updated`, as `settlement.ts` lists them
 *   changed           the run's row
 *   events_added      the statement's events, and thresholds that were crossed
 */
export function storing(name: string, { attempt, settlement, shared }: AnswerParts): NamedStatement {
  return statement(
    name,
    `
  with ${LOCK_RUN},
  ${attempt},
  call_added as (
    insert into model_calls
      (run_id, step, hop, tenant, attempt, seq, provider, model, served_by, request_id, decision, latency_ms)
    select run.id, :step, :hop, run.tenant, :attempt, :seq, :provider, :model, :served_by, :request_id, :decision, :latency_ms
    from run, unsettled where run.open and (:step::integer, :hop::integer) >= (run.steps, run.hop)
    on conflict do nothing
    returning run_id, tenant
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message)
    select call_added.run_id, entry.seq, call_added.tenant, entry.message
    from call_added, rows from (unnest(:seqs::integer[]), json_array_elements(:messages::json)) as entry (seq, message)
    union all
    select call_added.run_id, :seq - cardinality(:inbox::text[]) + listed.n - 1, call_added.tenant, inbox.message
    from call_added, unnest(:inbox::text[]) with ordinality as listed (id, n)
    join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  inbox_marked as (
    update inbox_messages as inbox set placed = true
    from call_added
    where inbox.run_id = :run_id and inbox.id = any (:inbox::text[])
    returning inbox.id
  ),
  tool_calls_added as (
    insert into tool_calls (
      run_id, step, index, tenant, call_id, tool, arguments, arguments_sha256, verdict, terms, first_time, result_seq, status
    )
    select call_added.run_id, :step, call.index, call_added.tenant, call.call_id, call.tool, call.arguments, call.sha256,
      call.verdict, call.terms, call.first_time, :seq + 1 + call.index, 'requested'
    from call_added, rows from (
      unnest(:call_indexes::integer[]), unnest(:call_ids::text[]), unnest(:call_tools::text[]),
      json_array_elements(:call_arguments::json), unnest(:call_sha256s::text[]), unnest(:call_verdicts::text[]),
      unnest(:call_terms::text[]), unnest(:call_first_times::boolean[])
    ) as call (index, call_id, tool, arguments, sha256, verdict, terms, first_time)
    on conflict (run_id, step, index, again) do update
      set call_id = excluded.call_id, tool = excluded.tool, arguments = excluded.arguments,
        arguments_sha256 = excluded.arguments_sha256, verdict = excluded.verdict, terms = excluded.terms,
        first_time = excluded.first_time, result_seq = excluded.result_seq
  ),
  ${settlement},
  ${shared},
  changed as (
    update runs set
      ${SETTLED},
      context_tokens = case when :is_usage_known then :input_tokens::bigint + :output_tokens::bigint end,
      context_model = :context_key,
      context_seq = :seq,
      served_by = :served_by,
      steps = :step,
      hop = :hop,
      inbox_placed = runs.inbox_placed + (select count(*)::integer from inbox_marked),
      last_event_seq = runs.last_event_seq + ${SETTLED_EVENTS}
    from call_added, amounts
    where runs.id = :run_id
    returning ${SETTLED_COLUMNS}, ${SPENT_COLUMNS}
  ),
  ${ADD_SETTLEMENT_EVENTS}
  select changed.id is not null as changed, changed."costMicroUsd", changed."unknownMicroUsd", changed.tokens,
    changed."modelCalls",
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join changed on true`,
  )
}

/** The decision that counts for a call, and the run's totals after it. */
export interface StoredModelCall {
  readonly decision: ModelDecision
  readonly spent: RunSpent
}

/**
 * Stores a model's answer with its messages and calls, settles its attempt, and returns the decision that counts for the call's key
 * `run/step/hop`: the decision that was stored first. The attempt of an answer that does not count is settled all the same.
 */
export async function storeModelCall(db: Db, call: StoreModelCall): Promise<StoredModelCall> {
  const { run, decision } = call
  const settle = toSettle(call)
  const events = modelCallEvents(call, await findInboxMessages(db, run, call.inbox))
  const values = { ...settlementValues(settle), ...answerValues(call) }
  const change = { run, events, values }
  if (!call.shared) {
    const row = await changeRunFor<RunSpent>(db, STORE_UNSHARED, change)
    if (row.changed) return { decision, spent: toSpent(row) }
    // Either the answer does not count, or a budget that was made meanwhile has booked its attempt.
  }
  const row = await changeRunFor<RunSpent>(db, STORE, change)
  if (row.changed) return { decision, spent: toSpent(row) }
  const spent = await settleAttempt(db, settle)
  return { decision: (await findDecision(db, call)) ?? decision, spent }
}

/** An answer with its messages and calls, apart from what was booked for it. */
export type StoredAnswer = Omit<StoreModelCall, 'attempt' | 'shared' | 'requestId'>

/** The parameters of the statement besides those of its {@link AnswerParts}. */
export function answerValues(call: StoredAnswer): Values {
  const { message, notes, decision } = call
  const runnable = decision.toolCalls.filter(({ problem }) => problem === undefined)
  return {
    seq: call.seq,
    provider: call.provider,
    model: call.model,
    decision: storableJson(decision),
    latency_ms: call.latencyMs,
    seqs: [call.seq, ...notes.map((note) => note.seq)],
    messages: storableJson([message, ...notes.map((note) => note.message)]),
    inbox: call.inbox,
    context_key: call.contextKey,
    call_indexes: runnable.map(({ index }) => index),
    call_ids: runnable.map(({ callId }) => storableText(callId)),
    call_tools: runnable.map(({ tool }) => storableText(tool)),
    call_arguments: storableJson(runnable.map(({ index }) => message.toolCalls[index]?.arguments ?? {})),
    call_sha256s: runnable.map(({ argumentsSha256 }) => argumentsSha256),
    call_verdicts: runnable.map(({ index }) => call.verdicts?.[index]?.verdict ?? null),
    call_terms: runnable.map(({ index }) => call.verdicts?.[index]?.terms ?? null),
    call_first_times: runnable.map(({ firstTime }) => firstTime ?? null),
  }
}

function toSettle(call: StoreModelCall): SettleAttempt {
  const { run, step, hop, attempt, requestId } = call
  const { promptCacheSavedMicroUsd = null, routingSavedMicroUsd = null } = call
  const { costMicroUsd, servedBy, usage } = call.decision
  const cost = { costMicroUsd, promptCacheSavedMicroUsd, routingSavedMicroUsd, usage }
  return { run, step, hop, attempt, status: 'ok', servedBy, requestId, ...cost }
}

/** Of two hops that may answer the call, the later one counts. */
const FIND_DECISION = statement(
  'find_decision',
  `
  select decision from model_calls where run_id = :run_id and step = :step and hop between :hop and :last_hop
  order by hop desc limit 1`,
)

async function findDecision(
  db: Db,
  { run, step, hop, lastHop = hop }: StoreModelCall,
): Promise<ModelDecision | undefined> {
  const [row] = await db.query<{ decision: ModelDecision }>(
    FIND_DECISION.with({ run_id: run.runId, step, hop, last_hop: lastHop }),
  )
  return row?.decision
}
