import type { Db } from '../database/database.ts'
import { lockModelAttempts } from './lock-model-attempts.ts'

/*
 * `last_day`: nothing of a period is booked once a budget is there and the period's counter is not, so what the counter has to
 * know is from before the budget was made. No calendar is more than a day ahead of UTC's.
 */
const COUNTED_IN = `
  opened as materialized (
    select counter.*, (counter.starts_on + ('1 ' || counter.period)::interval)::date as ends_before,
      (select (max(created_at) at time zone 'UTC')::date + 1 from budgets
        where tenant = counter.tenant and scope = counter.scope and subject in (counter.subject, '*')
          and period = counter.period) as last_day
    from budget_windows as counter where id = any ($2::bigint[])
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
 * Adds up what is settled for good, and says what is not. It may be much, and counters may be many: each subject's sum is made
 * before its counter is looked for.
 */
const COUNT_SETTLED = `
  with ${COUNTED_IN},
  used as materialized (
    select opened.scope, opened.period, opened.starts_on, ${SUBJECT} as subject, ${AMOUNTS}
    from (
      select scope, period, starts_on, ends_before, max(last_day) as last_day from opened group by 1, 2, 3, 4
    ) as opened
    join model_attempts as attempt on attempt.tenant = $1 and ${IN_PERIOD} and attempt.day <= opened.last_day
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
    where tenant = $1 and status in ('open', 'unknown')
      and day between (select min(starts_on) from opened) and (select max(last_day) from opened)
  )
  select run_id as "runId", step, hop, attempt from unsettled as attempt
  where exists (select from opened where opened.subject = ${SUBJECT} and ${IN_PERIOD})`

/** Adds up the rest as it is by now, and notes the counters with what may still change. */
const COUNT_UNSETTLED = `
  with ${COUNTED_IN},
  seen as materialized (
    select opened.id as window_id, attempt.*
    from unnest($3::text[], $4::integer[], $5::integer[], $6::integer[]) as rest (run_id, step, hop, attempt)
    join model_attempts as attempt using (run_id, step, hop, attempt)
    join opened on opened.subject = ${SUBJECT} and ${IN_PERIOD}
    where opened.tenant = $1
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
  where (attempt.run_id, attempt.step, attempt.hop, attempt.attempt) = (noted.run_id, noted.step, noted.hop, noted.attempt)`

interface AttemptKey {
  readonly runId: string
  readonly step: number
  readonly hop: number
  readonly attempt: number
}

/**
 * Sums up what a day or month has seen before its budget was made, into counters that the same transaction has inserted, and
 * notes those with the attempts that may still change.
 *
 * Nobody books what a missing counter has to count, so what is settled is summed up with nobody waiting; only attempts that were
 * open or unknown then are looked at again while the books are locked.
 *
 * @throws {AttemptsLocked}
 */
export async function countUsage(tx: Db, tenant: string, ids: readonly number[]): Promise<void> {
  const unsettled = await tx.query<AttemptKey>({ text: COUNT_SETTLED, values: [tenant, ids] })
  if (unsettled.length === 0) return
  await lockModelAttempts(tx)
  await tx.query({ text: COUNT_UNSETTLED, values: [tenant, ids, ...columnsOf(unsettled)] })
}

function columnsOf(attempts: readonly AttemptKey[]): unknown[] {
  return [
    attempts.map(({ runId }) => runId),
    attempts.map(({ step }) => step),
    attempts.map(({ hop }) => hop),
    attempts.map(({ attempt }) => attempt),
  ]
}
