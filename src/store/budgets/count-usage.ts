import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { lockModelAttempts } from './lock-model-attempts.ts'

/*
 * `opened`: the new counters. Takes `:counter_ids`.
 *
 * `last_day`: while a budget has no counter, `beginModelCall` reserves nothing. A new counter therefore only adds up attempts from
 * before the budget was made: up to that day plus one, since no time zone is more than a day ahead of UTC.
 */
const COUNTED_IN = `
  opened as materialized (
    select counter.*, (counter.starts_on + ('1 ' || counter.period)::interval)::date as ends_before,
      (select (max(created_at) at time zone 'UTC')::date + 1 from budgets
        where tenant = counter.tenant and scope = counter.scope and subject in (counter.subject, '*')
          and period = counter.period) as last_day
    from budget_windows as counter where id = any (:counter_ids::bigint[])
  )`

const AMOUNTS = `
      coalesce(sum(cost_micro_usd), 0) as spent_micro_usd,
      coalesce(sum(input_tokens + output_tokens), 0) as spent_tokens,
      coalesce(sum(unknown_micro_usd), 0) as unknown_micro_usd,
      coalesce(sum(unknown_tokens), 0) as unknown_tokens,
      coalesce(sum(worst_micro_usd) filter (where status = 'open'), 0) as held_micro_usd,
      coalesce(sum(worst_tokens) filter (where status = 'open'), 0) as held_tokens`

const ADD = `
    update budget_windows as counter set
      spent_micro_usd = counter.spent_micro_usd + used.spent_micro_usd,
      spent_tokens = counter.spent_tokens + used.spent_tokens,
      unknown_micro_usd = counter.unknown_micro_usd + used.unknown_micro_usd,
      unknown_tokens = counter.unknown_tokens + used.unknown_tokens,
      held_micro_usd = counter.held_micro_usd + used.held_micro_usd,
      held_tokens = counter.held_tokens + used.held_tokens`

const SUBJECT = `
  case opened.scope when 'principal' then attempt.principal when 'agent' then attempt.agent else attempt.tenant end`

const IN_PERIOD = 'attempt.day >= opened.starts_on and attempt.day < opened.ends_before'

/**
 * Adds up attempts that are settled for good, and returns the keys of the others.
 *
 *   opened     the new counters
 *   used       sums by subject and period; made before the counters are joined, since both may be many
 *   added      the sums, added to the counters
 *   unsettled  attempts that are open or unknown
 */
const COUNT_SETTLED = unprepared(`
  with ${COUNTED_IN},
  used as materialized (
    select opened.scope, opened.period, opened.starts_on, ${SUBJECT} as subject, ${AMOUNTS}
    from (
      select scope, period, starts_on, ends_before, max(last_day) as last_day from opened group by 1, 2, 3, 4
    ) as opened
    join model_attempts as attempt on attempt.tenant = :tenant and ${IN_PERIOD} and attempt.day <= opened.last_day
    where attempt.status in ('ok', 'failed')
    group by 1, 2, 3, 4
  ),
  added as (
    ${ADD}
    from used join opened using (scope, period, starts_on, subject)
    where counter.id = opened.id
  ),
  unsettled as materialized (
    select * from model_attempts as attempt
    where tenant = :tenant and status in ('open', 'unknown')
      and day between (select min(starts_on) from opened) and (select max(last_day) from opened)
  )
  select run_id as "runId", step, hop, attempt from unsettled as attempt
  where exists (select from opened where opened.subject = ${SUBJECT} and ${IN_PERIOD})`)

/**
 * Adds up the attempts that were not settled, as they are now, and notes the counters with those that may still change.
 *
 *   opened  the new counters
 *   seen    each attempt with each counter that counts it
 *   added   the sums, added to the counters
 */
const COUNT_UNSETTLED = unprepared(`
  with ${COUNTED_IN},
  seen as materialized (
    select opened.id as window_id, attempt.*
    from unnest(:run_ids::text[], :steps::integer[], :hops::integer[], :attempts::integer[]) as rest (run_id, step, hop, attempt)
    join model_attempts as attempt using (run_id, step, hop, attempt)
    join opened on opened.subject = ${SUBJECT} and ${IN_PERIOD}
    where opened.tenant = :tenant
  ),
  added as (
    ${ADD}
    from (select window_id, ${AMOUNTS} from seen group by window_id) as used
    where counter.id = used.window_id
  )
  update model_attempts as attempt set windows = attempt.windows || noted.ids
  from (
    select run_id, step, hop, attempt, array_agg(window_id order by window_id) as ids
    from seen where status in ('open', 'unknown') group by 1, 2, 3, 4
  ) as noted
  where (attempt.run_id, attempt.step, attempt.hop, attempt.attempt) = (noted.run_id, noted.step, noted.hop, noted.attempt)`)

interface AttemptKey {
  readonly runId: string
  readonly step: number
  readonly hop: number
  readonly attempt: number
}

/**
 * Counts what was used in a day or month before its budget was made, into counters that the same transaction has inserted, and notes
 * the counters with the attempts that may still change.
 *
 * What is settled cannot change any more and is summed up without a lock. Only attempts that were open or unknown are read again with
 * `model_attempts` locked: one that is settled in between would otherwise stay in the new counters as set aside.
 *
 * @throws {AttemptsLocked}
 */
export async function countUsage(tx: Db, tenant: string, ids: readonly number[]): Promise<void> {
  const of = { tenant, counter_ids: ids }
  const unsettled = await tx.query<AttemptKey>(COUNT_SETTLED.with(of))
  if (unsettled.length === 0) return
  await lockModelAttempts(tx)
  await tx.query(COUNT_UNSETTLED.with({ ...of, ...columnsOf(unsettled) }))
}

function columnsOf(attempts: readonly AttemptKey[]) {
  return {
    run_ids: attempts.map(({ runId }) => runId),
    steps: attempts.map(({ step }) => step),
    hops: attempts.map(({ hop }) => hop),
    attempts: attempts.map(({ attempt }) => attempt),
  }
}
