import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { CallUsage } from '../../contracts/models/usage.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { storableText } from '../database/postgres-text.ts'
import type { Values } from '../database/statement.ts'

/** An attempt, and what became of it. */
export interface SettleAttempt {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** As `beginModelCall` returned it. */
  readonly attempt: number
  /** `unknown`: its worst case goes on counting until it is settled with another status. */
  readonly status: 'ok' | 'failed' | 'unknown'
  readonly code?: ErrorCode
  readonly servedBy?: string
  readonly requestId?: string | null
  /** null: the attempt has cost an unknown amount; its worst case counts. */
  readonly costMicroUsd: number | null
  /**
   * The provider's count. `nothing`: the request was refused unread. A count without input tokens is taken for `unknown`. Of an estimate
   * the tokens count, and what the worst case has beyond them is unknown.
   */
  readonly usage: CallUsage | 'nothing' | 'unknown'
  /** What the provider's prompt cache has saved; may be below 0. Absent where nothing is known of it. */
  readonly promptCacheSavedMicroUsd?: number | null
  /** What its agent's routes have saved. Absent or null where that is not known, or the agent has none. */
  readonly routingSavedMicroUsd?: number | null
}

/*
 * The parts of a statement that settles an attempt, in order. Its other parameters are those of `record/change-run.ts`; these
 * fragments take {@link settlementValues}.
 *
 *   run                 the locked row
 *   unsettled           the locked attempt: {@link unsettledAttempt}
 *   amounts             what the attempt had set aside, and what stays unknown of it: {@link settlement}
 *   settled             the attempt's row: {@link settlement}
 *   counters_locked     the counters that the attempt was booked in: {@link SHARED_SETTLEMENT}
 *   counters_after      their new values
 *   thresholds_crossed  events of budgets that are used up to their threshold now
 *   counters_updated    the counters' rows
 *   changed             the run's row: {@link SETTLED}, {@link SETTLED_EVENTS}, {@link SETTLED_COLUMNS}
 *   events_added        {@link ADD_SETTLEMENT_EVENTS}
 */

/** The parameters of the fragments below. */
export function settlementValues(settle: SettleAttempt): Values {
  const usage = typeof settle.usage === 'string' ? undefined : settle.usage
  return {
    step: settle.step,
    hop: settle.hop,
    attempt: settle.attempt,
    status: settle.status,
    code: settle.code ?? null,
    served_by: storableText(settle.servedBy ?? null),
    request_id: storableText(settle.requestId ?? null),
    cost_micro_usd: settle.costMicroUsd,
    is_usage_known:
      settle.usage === 'nothing' || (usage !== undefined && usage.inputTokens > 0 && !usage.estimated),
    is_usage_estimated: usage?.estimated === true,
    input_tokens: usage?.inputTokens ?? 0,
    cached_input_tokens: usage?.cachedInputTokens ?? 0,
    cache_write_tokens: usage?.cacheWriteTokens ?? 0,
    output_tokens: usage?.outputTokens ?? 0,
    reasoning_tokens: usage?.reasoningTokens ?? 0,
    prompt_cache_saved_micro_usd: settle.promptCacheSavedMicroUsd ?? 0,
    routing_saved_micro_usd: settle.routingSavedMicroUsd ?? null,
  }
}

/**
 * `unsettled`: the attempt, unless it is settled for good. An `unknown` attempt may still be corrected. Stands after `run`.
 *
 * @param which `unshared` leaves out an attempt that was booked in shared budgets
 */
export function unsettledAttempt(which?: 'unshared'): string {
  return `
  unsettled as (
    select attempt.* from model_attempts as attempt, run
    where attempt.run_id = :run_id and attempt.step = :step and attempt.hop = :hop and attempt.attempt = :attempt
      and (attempt.status = 'open' or attempt.status = 'unknown' and :status <> 'unknown')${which === 'unshared' ? "\n      and attempt.windows = '{}'" : ''}
    for no key update of attempt
  )`
}

/**
 * `amounts` and `settled`.
 *
 * @param when the part of the statement that has a row if the attempt is to be settled
 */
export function settlement(when: string): string {
  return `
  amounts as (
    select attempt.windows,
      case when attempt.status = 'open' then coalesce(attempt.worst_micro_usd, 0) else 0 end as held_micro_usd,
      case when attempt.status = 'open' then attempt.worst_tokens else 0 end as held_tokens,
      attempt.unknown_micro_usd as was_unknown_micro_usd, attempt.unknown_tokens as was_unknown_tokens,
      case when :cost_micro_usd::bigint is null then coalesce(attempt.worst_micro_usd, 0) else 0 end as unknown_micro_usd,
      case when :is_usage_known::boolean then 0
        else greatest(attempt.worst_tokens - :input_tokens::bigint - :output_tokens::bigint, 0)
      end as unknown_tokens
    from unsettled as attempt, ${when} as settling
  ),
  settled as (
    update model_attempts as attempt set
      status = :status, code = :code, served_by = :served_by, request_id = :request_id, cost_micro_usd = :cost_micro_usd,
      unknown_micro_usd = amounts.unknown_micro_usd, unknown_tokens = amounts.unknown_tokens,
      input_tokens = :input_tokens, cached_input_tokens = :cached_input_tokens, cache_write_tokens = :cache_write_tokens,
      output_tokens = :output_tokens, reasoning_tokens = :reasoning_tokens,
      usage_estimated = :is_usage_estimated, prompt_cache_saved_micro_usd = :prompt_cache_saved_micro_usd,
      routing_saved_micro_usd = :routing_saved_micro_usd,
      ended_at = clock_timestamp()
    from amounts
    where attempt.run_id = :run_id and attempt.step = :step and attempt.hop = :hop and attempt.attempt = :attempt
  )`
}

/**
 * `counters_locked` to `counters_updated`: settles the attempt in the shared budgets that it was booked in. `thresholds_crossed` has
 * rows only in an open run, since nothing follows the last event of a run.
 */
export const SHARED_SETTLEMENT = `
  counters_locked as (
    select * from budget_windows
    where id = any (array(select unnest(windows) from amounts))
    order by id for no key update
  ),
  counters_after as (
    select counter.id, counter.tenant, counter.scope, counter.subject, counter.period, counter.starts_on,
      counter.told_micro_usd, counter.told_tokens,
      counter.spent_micro_usd + coalesce(:cost_micro_usd::bigint, 0) as spent_micro_usd,
      counter.spent_tokens + :input_tokens::bigint + :output_tokens::bigint as spent_tokens,
      counter.unknown_micro_usd + amounts.unknown_micro_usd - amounts.was_unknown_micro_usd as unknown_micro_usd,
      counter.unknown_tokens + amounts.unknown_tokens - amounts.was_unknown_tokens as unknown_tokens,
      counter.held_micro_usd - amounts.held_micro_usd as held_micro_usd,
      counter.held_tokens - amounts.held_tokens as held_tokens
    from counters_locked as counter, amounts
  ),
  thresholds_crossed as (
    select counter.id, row_number() over (order by counter.id, shared.name) as n, shared.name,
      json_build_object(
        'scope', counter.scope, 'subject', counter.subject, 'period', counter.period, 'limit', shared.name,
        'allowed', shared.allowed, 'used', shared.used, 'ratio', budget.threshold::numeric
      ) as data
    from counters_after as counter
    cross join lateral (
      select * from budgets
      where tenant = counter.tenant and scope = counter.scope and subject in (counter.subject, '*')
        and period = counter.period
      order by subject = '*' limit 1
    ) as budget
    cross join lateral (
      values
        ('cost', budget.limit_micro_usd, counter.spent_micro_usd + counter.unknown_micro_usd, counter.told_micro_usd),
        ('tokens', budget.limit_tokens, counter.spent_tokens + counter.unknown_tokens, counter.told_tokens)
    ) as shared (name, allowed, used, was_reported)
    where not shared.was_reported and shared.used >= budget.threshold::numeric * shared.allowed
      and exists (select from run where run.open)
  ),
  counters_updated as (
    update budget_windows set
      spent_micro_usd = counter.spent_micro_usd,
      spent_tokens = counter.spent_tokens,
      unknown_micro_usd = counter.unknown_micro_usd,
      unknown_tokens = counter.unknown_tokens,
      held_micro_usd = counter.held_micro_usd,
      held_tokens = counter.held_tokens,
      told_micro_usd = counter.told_micro_usd
        or exists (select from thresholds_crossed as crossed where crossed.id = counter.id and crossed.name = 'cost'),
      told_tokens = counter.told_tokens
        or exists (select from thresholds_crossed as crossed where crossed.id = counter.id and crossed.name = 'tokens')
    from counters_after as counter
    where budget_windows.id = counter.id and budget_windows.id = any (array(select id from counters_after))
  )`

/** Assignments in an update of `runs`, with `amounts` in its `from`. */
export const SETTLED = `
      input_tokens = runs.input_tokens + :input_tokens::bigint,
      cached_input_tokens = runs.cached_input_tokens + :cached_input_tokens::bigint,
      output_tokens = runs.output_tokens + :output_tokens::bigint,
      prompt_cache_saved_micro_usd = runs.prompt_cache_saved_micro_usd + :prompt_cache_saved_micro_usd::bigint,
      cost_micro_usd = runs.cost_micro_usd + case when :status = 'unknown' then 0 else :cost_micro_usd::bigint end,
      settled_micro_usd = runs.settled_micro_usd + coalesce(:cost_micro_usd::bigint, 0),
      usage_estimated = runs.usage_estimated or :is_usage_estimated::boolean,
      unknown_micro_usd = runs.unknown_micro_usd + amounts.unknown_micro_usd - amounts.was_unknown_micro_usd,
      unknown_tokens = runs.unknown_tokens + amounts.unknown_tokens - amounts.was_unknown_tokens,
      held_micro_usd = runs.held_micro_usd - amounts.held_micro_usd,
      held_tokens = runs.held_tokens - amounts.held_tokens,
      model_calls = runs.model_calls + (:status = 'ok')::integer`

/** `events_added`: the statement's events and then the thresholds. Stands after `changed`, which returns {@link SETTLED_COLUMNS}. */
export const ADD_SETTLEMENT_EVENTS = `
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq - cardinality(:event_types::text[]) - changed.crossed + event.n, changed.tenant,
      event.type, event.data
    from changed, (
      select n, type, data
      from rows from (unnest(:event_types::text[]), json_array_elements(:event_data::json)) with ordinality as own (type, data, n)
      union all
      select cardinality(:event_types::text[]) + n, 'budget.threshold', data from thresholds_crossed
    ) as event (n, type, data)
  )`

/** In place of {@link SHARED_SETTLEMENT}, for an attempt that was booked in no shared budget: goes with `unsettledAttempt('unshared')`. */
export const NOTHING_SHARED = `
  thresholds_crossed as (select null::bigint as n, null::json as data where false)`

/** The number of events that the statement adds to the run. */
export const SETTLED_EVENTS =
  'cardinality(:event_types::text[]) + (select count(*)::integer from thresholds_crossed)'

/** Columns that `changed` returns for {@link ADD_SETTLEMENT_EVENTS}. */
export const SETTLED_COLUMNS = `
    runs.id, runs.tenant, runs.last_event_seq, (select count(*)::integer from thresholds_crossed) as crossed`
