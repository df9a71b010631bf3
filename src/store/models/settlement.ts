import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { CallUsage } from '../../contracts/usage.ts'
import { storableText } from '../database/postgres-text.ts'

/** Which attempt, and what became of it. */
export interface SettleAttempt {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** As `beginModelCall` has given it. */
  readonly attempt: number
  /** `unknown`: its worst case goes on counting, until somebody knows better. */
  readonly status: 'ok' | 'failed' | 'unknown'
  readonly code?: ErrorCode
  readonly servedBy?: string
  readonly requestId?: string | null
  /** null: it has cost something, and nobody can say what; its worst case counts. */
  readonly costMicroUsd: number | null
  /** What was counted; nothing of it where it was turned away unread. Without input tokens it counts as not known. */
  readonly usage: CallUsage | 'nothing' | 'unknown'
}

/** Of an attempt that was stopped before the provider had sent a byte: what it could have answered is not counted. */
const STOPPED: ErrorCode = 'model_call_stopped'

/** `$5` to `$18` of a statement with {@link settlement}. */
export function settlementValues(settle: SettleAttempt): unknown[] {
  const usage = typeof settle.usage === 'string' ? undefined : settle.usage
  return [
    settle.step,
    settle.hop,
    settle.attempt,
    settle.status,
    settle.code ?? null,
    storableText(settle.servedBy ?? null),
    storableText(settle.requestId ?? null),
    settle.costMicroUsd,
    settle.usage === 'nothing' || (usage !== undefined && usage.inputTokens > 0),
    usage?.inputTokens ?? 0,
    usage?.cachedInputTokens ?? 0,
    usage?.cacheWriteTokens ?? 0,
    usage?.outputTokens ?? 0,
    usage?.reasoningTokens ?? 0,
  ]
}

/**
 * `attempted`: the attempt, after `run`, unless it is settled for good: one that nobody saw the end of may still be corrected.
 * `unshared`: unless a shared budget knows of it.
 */
export function attempted(which?: 'unshared'): string {
  return `
  attempted as (
    select attempt.* from model_attempts as attempt, run
    where attempt.run_id = $1 and attempt.step = $5 and attempt.hop = $6 and attempt.attempt = $7
      and (attempt.status = 'open' or attempt.status = 'unknown' and $8 <> 'unknown')${which === 'unshared' ? "\n      and attempt.windows = '{}'" : ''}
    for no key update of attempt
  )`
}

/** What settles an attempt, if the part `when` has a row. `counted`: the attempt as it was, and what stays unknown of it. */
export function settlement(when: string): string {
  return `
  counted as (
    select attempt.windows,
      case when attempt.status = 'open' then coalesce(attempt.worst_micro_usd, 0) else 0 end as held_micro_usd,
      case when attempt.status = 'open' then attempt.worst_tokens else 0 end as held_tokens,
      attempt.unknown_micro_usd as was_unknown_micro_usd, attempt.unknown_tokens as was_unknown_tokens,
      case when $12::bigint is null
        then coalesce(attempt.worst_micro_usd, 0) - case when is_unanswered then coalesce(attempt.worst_output_micro_usd, 0) else 0 end
        else 0
      end as unknown_micro_usd,
      case when $13::boolean then 0
        else greatest(
          attempt.worst_tokens - case when is_unanswered then attempt.cap_tokens else 0 end - $14::bigint - $17::bigint, 0
        )
      end as unknown_tokens
    from attempted as attempt, ${when} as settling, coalesce($9 = '${STOPPED}', false) as is_unanswered
  ),
  settled as (
    update model_attempts as attempt set
      status = $8, code = $9, served_by = $10, request_id = $11, cost_micro_usd = $12,
      unknown_micro_usd = counted.unknown_micro_usd, unknown_tokens = counted.unknown_tokens,
      input_tokens = $14, cached_input_tokens = $15, cache_write_tokens = $16, output_tokens = $17,
      reasoning_tokens = $18, ended_at = clock_timestamp()
    from counted
    where attempt.run_id = $1 and attempt.step = $5 and attempt.hop = $6 and attempt.attempt = $7
  )`
}

/**
 * The same in the shared budgets that the attempt was booked in. `crossed`: thresholds to be told, which are told only in a run
 * that is open.
 */
export const SHARED_SETTLEMENT = `
  locked as (
    select * from budget_windows
    where id = any (array(select unnest(windows) from counted))
    order by id for no key update
  ),
  moving as (
    select locked.id, locked.tenant, locked.scope, locked.subject, locked.period, locked.starts_on,
      locked.told_micro_usd, locked.told_tokens,
      locked.spent_micro_usd + coalesce($12::bigint, 0) as spent_micro_usd,
      locked.spent_tokens + $14::bigint + $17::bigint as spent_tokens,
      locked.unknown_micro_usd + counted.unknown_micro_usd - counted.was_unknown_micro_usd as unknown_micro_usd,
      locked.unknown_tokens + counted.unknown_tokens - counted.was_unknown_tokens as unknown_tokens,
      locked.held_micro_usd - counted.held_micro_usd as held_micro_usd,
      locked.held_tokens - counted.held_tokens as held_tokens
    from locked, counted
  ),
  crossed as (
    select moving.id, row_number() over (order by moving.id, shared.name) as n, shared.name,
      json_build_object(
        'scope', moving.scope, 'subject', moving.subject, 'period', moving.period, 'limit', shared.name,
        'allowed', shared.allowed, 'used', shared.used, 'ratio', budget.threshold::numeric
      ) as data
    from moving
    cross join lateral (
      select * from budgets
      where tenant = moving.tenant and scope = moving.scope and subject in (moving.subject, '*')
        and period = moving.period
      order by subject = '*' limit 1
    ) as budget
    cross join lateral (
      values
        ('cost', budget.limit_micro_usd, moving.spent_micro_usd + moving.unknown_micro_usd, moving.told_micro_usd),
        ('tokens', budget.limit_tokens, moving.spent_tokens + moving.unknown_tokens, moving.told_tokens)
    ) as shared (name, allowed, used, told)
    where not shared.told and shared.used >= budget.threshold::numeric * shared.allowed
      and exists (select from run where run.open)
  ),
  moved as (
    update budget_windows as counter set
      spent_micro_usd = moving.spent_micro_usd,
      spent_tokens = moving.spent_tokens,
      unknown_micro_usd = moving.unknown_micro_usd,
      unknown_tokens = moving.unknown_tokens,
      held_micro_usd = moving.held_micro_usd,
      held_tokens = moving.held_tokens,
      told_micro_usd = moving.told_micro_usd
        or exists (select from crossed where crossed.id = moving.id and crossed.name = 'cost'),
      told_tokens = moving.told_tokens
        or exists (select from crossed where crossed.id = moving.id and crossed.name = 'tokens')
    from moving where counter.id = moving.id and counter.id = any (array(select id from moving))
  )`

/** Assignments in an update of `runs`, with `counted` in its `from`. */
export const SETTLED = `
      input_tokens = runs.input_tokens + $14::bigint,
      cached_input_tokens = runs.cached_input_tokens + $15::bigint,
      output_tokens = runs.output_tokens + $17::bigint,
      cost_micro_usd = runs.cost_micro_usd + case when $8 = 'unknown' then 0 else $12::bigint end,
      settled_micro_usd = runs.settled_micro_usd + coalesce($12::bigint, 0),
      unknown_micro_usd = runs.unknown_micro_usd + counted.unknown_micro_usd - counted.was_unknown_micro_usd,
      unknown_tokens = runs.unknown_tokens + counted.unknown_tokens - counted.was_unknown_tokens,
      held_micro_usd = runs.held_micro_usd - counted.held_micro_usd,
      held_tokens = runs.held_tokens - counted.held_tokens,
      model_calls = runs.model_calls + ($8 = 'ok')::integer`

/** `told`: the statement's events and then the thresholds, after `changed`, which returns {@link TOLD_COLUMNS}. */
export const TELL_SETTLED = `
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq - cardinality($3::text[]) - changed.crossed + event.n, changed.tenant,
      event.type, event.data
    from changed, (
      select n, type, data
      from rows from (unnest($3::text[]), json_array_elements($4::json)) with ordinality as own (type, data, n)
      union all
      select cardinality($3::text[]) + n, 'budget.threshold', data from crossed
    ) as event (n, type, data)
  )`

/** In the place of {@link SHARED_SETTLEMENT}, for an attempt that was booked in none; `attempted` has to be without them. */
export const NOTHING_SHARED = `
  crossed as (select null::bigint as n, null::json as data where false)`

/** How far an update of `runs` has to move `last_event_seq`. */
export const SETTLED_EVENTS = 'cardinality($3::text[]) + (select count(*)::integer from crossed)'

export const TOLD_COLUMNS = `
    runs.id, runs.tenant, runs.last_event_seq, (select count(*)::integer from crossed) as crossed`
