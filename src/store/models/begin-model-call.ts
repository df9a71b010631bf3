import type {
  BudgetPeriod,
  BudgetReached,
  BudgetScope,
  HopBudget,
  RunSpent,
} from '../../contracts/budgets/budget.ts'
import type { FileKind } from '../../contracts/files/file.ts'
import type { Provider } from '../../contracts/models/model.ts'
import type { ModelDecision } from '../../contracts/models/model-call.ts'
import type { Message } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { openCounters } from '../budgets/open-counters.ts'
import type { Database, Statement } from '../database/database.ts'
import { type NamedStatement, statement, type Values } from '../database/statement.ts'
import { noSuchRun, OF_TENANT } from '../record/change-run.ts'
import { isInThread, threadValues } from '../record/turns.ts'
import { cutResults } from './cut-results.ts'
import { MODEL_CALL_VIEW, NEVER_USED, THREAD_VIEW, WINDOWED_VIEW } from './model-call-view.ts'
import { BOOKING, RESERVATION } from './reservation.ts'
import { SPENT_COLUMNS, toSpent } from './run-spent.ts'

export interface BeginModelCall {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** The last hop whose answer is one to this call; the call's own where it is not given. */
  readonly lastHop?: number
  /** An attempt that this one is made beside. Every other open one of the step's hops so far counts as abandoned. */
  readonly beside?: number
  /** Transcript position of the answer; what is before it is loaded. */
  readonly seq: number
  /** Ids of added messages, shown after the transcript in this order. */
  readonly inbox: readonly string[]
  /** Tools for which `neverUsed` is wanted. */
  readonly firstTimeOf: readonly string[]
  readonly provider: Provider
  readonly model: string
  /** The run's current agent: a specialist, where the run was handed over. */
  readonly agent: string
  readonly maxOutputTokens: number
  /** The files that the model can be given, and what it counts, at most, for each of their tokens. Absent: none. */
  readonly files?: { readonly accepts: readonly FileKind[]; readonly factor: number }
  /** Upper bound of the request's tokens besides the messages. */
  readonly fixedTokens: number
  /** Equal for requests with the same model, prompt and tools. `storeModelCall` stores it with the answer. */
  readonly contextKey: string
  /**
   * Highest prices, in micro-USD for a million tokens, of calls whose input is above `aboveTokens`; null where the model has no price.
   * The upper bound of the call's input says which of them the call can reach.
   */
  readonly rates:
    | readonly {
        readonly aboveTokens: number
        readonly inputMicroUsd: number
        readonly outputMicroUsd: number
      }[]
    | null
  readonly priceBook: string
  readonly budget: HopBudget
  /** Names the activity that asks. Attempts with the same name are counted together. */
  readonly activity: string
  /** Number of the agent's window; absent where the whole transcript is shown. */
  readonly window?: number
  /** A request whose upper bound is above this is not booked, but returned to be counted. Absent: it is booked whatever its length. */
  readonly mostInputTokens?: number
}

/** A call whose attempt is booked, and what its model is to be shown. */
export interface BegunModelCall {
  /** Number of the attempt among those of the run. The caller has to settle it. */
  readonly attempt: number
  /** Whether it was booked in budgets that runs share. */
  readonly shared: boolean
  /** As many as the budgets allow, and at most as many as were asked for. */
  readonly maxOutputTokens: number
  readonly transcript: readonly Message[]
  /** Those of `firstTimeOf` that have never succeeded for the principal. */
  readonly neverUsed: readonly string[]
}

/** A request that may be too long for its model. Nothing is booked. */
export interface UncountedRequest {
  readonly transcript: readonly Message[]
  /** The provider's count of the request up to the last answer; null where the last answer was to another kind of request. */
  readonly contextTokens: number | null
  /** How many messages of the transcript, its last ones, are not in that count. */
  readonly unmeasured: number
}

export type ModelCallBegin =
  /** The call has been answered before. `spent`: the run's present totals. */
  | { readonly stored: ModelDecision; readonly spent: RunSpent }
  | { readonly withheld: BudgetReached }
  | { readonly runEnded: true }
  /** A limit of costs is in force, and the model has no price. */
  | { readonly priceUnknown: true }
  | { readonly uncounted: UncountedRequest }
  /** A message has a file that the model cannot be given. */
  | { readonly unreadable: true }
  | BegunModelCall

const MOST_TRIES = 10

/*
 *   run                 the locked row, with its own limits and what is used of them
 *   call                the stored decision, where the call has been answered
 *   shown, view         {@link MODEL_CALL_VIEW}, {@link WINDOWED_VIEW}, {@link THREAD_VIEW}
 *   today … verdict     {@link RESERVATION}
 *   booked … changed    {@link BOOKING}
 */
const BEGIN = beginning('begin_model_call', MODEL_CALL_VIEW)

/** For a run whose transcript has been compacted: every other run is spared the look at the windows. */
const BEGIN_IN_WINDOW = beginning('begin_model_call_in_window', WINDOWED_VIEW)

/** For a run in a thread: every other run is spared the look at the thread. */
const BEGIN_IN_THREAD = beginning('begin_model_call_in_thread', THREAD_VIEW)

function beginning(name: string, view: string): NamedStatement {
  return statement(
    name,
    `
  with run as (
    select id, tenant, principal, agent, parent_run_id, completed_at is null as open, steps as last_step, hop as last_hop,
      attempts + 1 as attempt,
      least(:max_micro_usd::bigint, share_micro_usd, (allowed_limits ->> 'maxCostMicroUsd')::bigint) as max_micro_usd,
      least(:max_tokens::bigint, share_tokens, (allowed_limits ->> 'maxTokens')::bigint) as max_tokens,
      least(:max_model_calls::bigint, share_model_calls, (allowed_limits ->> 'maxModelCalls')::bigint + attempts - model_calls)
        as max_model_calls,
      settled_micro_usd + unknown_micro_usd + held_micro_usd as used_micro_usd,
      input_tokens + output_tokens + unknown_tokens + held_tokens as used_tokens,
      attempts + held_model_calls as used_model_calls,
      case when context_model = :context_key then context_tokens end as context_tokens, context_seq,
      ${SPENT_COLUMNS}
    from runs where id = :run_id and ${OF_TENANT}
    for no key update
  ),
  call as (
    select decision from model_calls, run where run_id = :run_id and step = :step and hop between :hop and :last_hop
    order by hop desc limit 1
  ),
  ${view},
  ${RESERVATION},
  ${BOOKING}
  select verdict.kind, verdict.switched, verdict.cap::integer as "maxOutputTokens", run.attempt,
    exists (select from applicable) as shared,
    case when verdict.goes or verdict.kind = 'uncounted' then view.transcript end as transcript,
    view.result_bytes as "resultBytes", run.context_tokens as "contextTokens", view.unmeasured,
    case when verdict.goes then ${NEVER_USED} end as "neverUsed",
    (select decision from call) as stored,
    run."costMicroUsd", run."unknownMicroUsd", run.tokens, run."modelCalls",
    exceeded.scope, exceeded.name, exceeded.period, exceeded.allowed, exceeded.used, exceeded.refuse,
    exceeded.is_momentary as "isMomentary",
    exceeded.resets_at as "resetsAt"
  from run, view, verdict left join exceeded on verdict.kind = 'reached'`,
  )
}

type Row = {
  readonly [K in keyof BegunModelCall]: K extends 'attempt' | 'shared'
    ? BegunModelCall[K]
    : BegunModelCall[K] | null
} & RunSpent &
  Pick<UncountedRequest, 'contextTokens' | 'unmeasured'> &
  ReachedColumns & {
    readonly kind:
      | 'stored'
      | 'unseen'
      | 'ended'
      | 'switched'
      | 'unopened'
      | 'reached'
      | 'price_unknown'
      | 'uncounted'
      | 'unreadable'
      | 'go'
    readonly resultBytes: number | null
    readonly switched: Extract<BudgetScope, 'agent' | 'tenant'>
    readonly stored: ModelDecision
  }

interface ReachedColumns {
  readonly scope: BudgetScope
  readonly name: BudgetReached['limit']
  readonly period: BudgetPeriod | null
  readonly allowed: number
  readonly used: number
  readonly refuse: boolean
  readonly isMomentary: boolean
  readonly resetsAt: string | null
}

/**
 * Books an attempt of a call with its worst case, against the run's limits and every budget that it shares with others, and returns
 * what the model is to be shown. Where a limit does not cover the worst case, the output cap is lowered until it does; where it does
 * not cover the floor either, nothing is booked. All of this is one statement under the locks of the run and of the budgets' counters,
 * so no number of calls at the same time passes a limit.
 *
 * The run's limits are the given ones, and at most those that it was accepted with and was granted since. Only the given limit of
 * model calls counts attempts without an answer: the workflow leaves those of an outage out of it.
 */
export async function beginModelCall(database: Database, call: BeginModelCall): Promise<ModelCallBegin> {
  const { run, budget, rates, window } = call
  const values = {
    run_id: run.runId,
    tenant: run.tenant,
    step: call.step,
    hop: call.hop,
    last_hop: call.lastHop ?? call.hop,
    beside: call.beside ?? null,
    seq: call.seq,
    inbox: call.inbox,
    tools: call.firstTimeOf,
    provider: call.provider,
    model: call.model,
    agent: call.agent,
    max_output_tokens: call.maxOutputTokens,
    floor_output_tokens: budget.floorOutputTokens,
    accepts: call.files?.accepts ?? [],
    file_factor: call.files?.factor ?? 1,
    fixed_tokens: call.fixedTokens,
    context_key: call.contextKey,
    input_rates: rates?.map(({ inputMicroUsd }) => inputMicroUsd) ?? null,
    output_rates: rates?.map(({ outputMicroUsd }) => outputMicroUsd) ?? null,
    above_tokens: rates?.map(({ aboveTokens }) => aboveTokens) ?? null,
    max_micro_usd: budget.limits.maxCostMicroUsd ?? null,
    max_tokens: budget.limits.maxTokens ?? null,
    max_model_calls: budget.limits.maxModelCalls ?? null,
    on_unknown_price: budget.onUnknownPrice,
    price_book: call.priceBook,
    activity: call.activity,
    most_input_tokens: call.mostInputTokens ?? null,
  }
  const begin = beginningOf(run, window, values)
  // The first call of a day finds that a budget's counter is missing, opens it and asks again; so it does when a budget is made.
  let kind: Row['kind'] | undefined
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [row] = await database.query<Row>(begin)
    if (row === undefined) throw noSuchRun(run.runId)
    kind = row.kind
    // `unseen`: the call was answered while this statement waited for the run's row, too late to be visible; the next one sees it.
    if (kind === 'unopened') await openCounters(database, run)
    else if (kind !== 'unseen') return toBegin(row)
  }
  const problem = kind === 'unseen' ? 'its answer was not to be seen' : 'counters of its budgets were missing'
  const what = `Call ${call.step}/${call.hop} of run ${run.runId}`
  throw new Error(`${what} was not begun: ${MOST_TRIES} times over ${problem}.`)
}

function beginningOf(run: RunIdentity, window: number | undefined, values: Values): Statement {
  if (isInThread(run)) return BEGIN_IN_THREAD.with({ ...values, ...threadValues(run), window: window ?? 0 })
  return window === undefined ? BEGIN.with(values) : BEGIN_IN_WINDOW.with({ ...values, window })
}

function toBegin(row: Row): ModelCallBegin {
  const { contextTokens, unmeasured, resultBytes } = row
  const transcript = cutResults(row.transcript ?? [], resultBytes)
  switch (row.kind) {
    case 'stored':
      return { stored: row.stored, spent: toSpent(row) }
    case 'ended':
      return { runEnded: true }
    case 'switched':
      return { withheld: { scope: row.switched, limit: 'kill_switch', allowed: 0, used: 0 } }
    case 'reached':
      return { withheld: toReached(row) }
    case 'price_unknown':
      return { priceUnknown: true }
    case 'unreadable':
      return { unreadable: true }
    case 'uncounted':
      return { uncounted: { transcript, contextTokens, unmeasured } }
    default:
      return {
        attempt: row.attempt,
        shared: row.shared,
        maxOutputTokens: row.maxOutputTokens ?? 0,
        transcript,
        neverUsed: row.neverUsed ?? [],
      }
  }
}

function toReached(row: ReachedColumns): BudgetReached {
  const { scope, name, period, allowed, used, resetsAt, refuse, isMomentary } = row
  return {
    scope,
    limit: name,
    ...(period !== null && { period }),
    allowed,
    used,
    ...(resetsAt !== null && { resetsAt }),
    // Calls under way mostly cost less than they have set aside.
    ...(isMomentary ? { momentary: true } : refuse && { refuse }),
  }
}
