/*
 * Attempts that are open while their run goes on, or ends: nobody has seen their end, so their worst case is no longer set
 * aside but counts as used. All of it happens under the lock of the run's row.
 */

interface Abandoning {
  /** What has a row for the run, if it is to be done; its first column is the run's id, and the run's row is locked. */
  readonly of: string
  /** A condition on `attempt`. Without it all open attempts of the run are settled. */
  readonly where?: string
}

/** `left_open`, `abandoned`, `lost`: the attempts as they are found, as they are then, and their sums, in one row. Takes `:run_id`. */
export function abandoned({ of, where = 'true' }: Abandoning): string {
  return `
  left_open as (
    select attempt.windows from model_attempts as attempt, ${of} as asked (run_id)
    where attempt.run_id = :run_id and asked.run_id = :run_id and attempt.status = 'open' and ${where}
  ),
  abandoned as (
    update model_attempts as attempt set
      status = 'unknown',
      unknown_micro_usd = coalesce(attempt.worst_micro_usd, 0),
      unknown_tokens = attempt.worst_tokens,
      ended_at = clock_timestamp()
    from ${of} as asked (run_id)
    where attempt.run_id = :run_id and asked.run_id = :run_id and attempt.status = 'open' and ${where}
    returning attempt.windows, attempt.unknown_micro_usd as micro_usd, attempt.unknown_tokens as tokens
  ),
  lost as (
    select count(*)::integer as attempts, coalesce(sum(micro_usd), 0)::bigint as micro_usd,
      coalesce(sum(tokens), 0)::bigint as tokens
    from abandoned
  )`
}

/**
 * The whole of it but the run's own row, whose update has to take {@link LOST} from `lost`: the counters are locked after the
 * run, in their order, and changed.
 */
export function abandonAttempts(abandoning: Abandoning): string {
  return `
  ${abandoned(abandoning)},
  locked as (
    select id from budget_windows
    where id = any (array(select unnest(windows) from left_open))
    order by id for no key update
  ),
  moved as (
    update budget_windows as counter set
      held_micro_usd = counter.held_micro_usd - change.micro_usd,
      held_tokens = counter.held_tokens - change.tokens,
      unknown_micro_usd = counter.unknown_micro_usd + change.micro_usd,
      unknown_tokens = counter.unknown_tokens + change.tokens
    from (
      select id, sum(micro_usd)::bigint as micro_usd, sum(tokens)::bigint as tokens
      from abandoned, unnest(abandoned.windows) as booked_in (id)
      group by id
    ) as change
    where counter.id = change.id and counter.id = any (array(select id from locked))
  )`
}

/** Assignments in an update of `runs`, with `lost` in its `from`. */
export const LOST = `
      held_micro_usd = runs.held_micro_usd - lost.micro_usd,
      held_tokens = runs.held_tokens - lost.tokens,
      unknown_micro_usd = runs.unknown_micro_usd + lost.micro_usd,
      unknown_tokens = runs.unknown_tokens + lost.tokens`
