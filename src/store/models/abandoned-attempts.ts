/*
 * An attempt that is still open when its run goes on or ends is abandoned: nobody saw its end, so its worst case is no longer set
 * aside but counts as unknown. All of this happens under the lock of the run's row.
 */

interface Abandoning {
  /** A part of the statement: one row with the run's id, or none where nothing is to be abandoned. The run's row is locked by then. */
  readonly of: string
  /** A condition on `attempt`. Without it all open attempts of the run are abandoned. */
  readonly where?: string
}

/**
 * The attempts and their sums. Takes `:run_id`.
 *
 *   left_open  the open attempts
 *   abandoned  the same, as `unknown`
 *   lost       their sums, in one row
 */
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
 * Everything but the update of the run's row, which has to take {@link LOST} from `lost`.
 *
 *   left_open … lost  {@link abandoned}
 *   counters_locked   the shared counters, locked after the run's row and in the order of their ids, as in every statement
 *   counters_updated  the same, with the sums of their attempts
 */
export function abandonAttempts(abandoning: Abandoning): string {
  return `
  ${abandoned(abandoning)},
  counters_locked as (
    select id from budget_windows
    where id = any (array(select unnest(windows) from left_open))
    order by id for no key update
  ),
  counters_updated as (
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
    where counter.id = change.id and counter.id = any (array(select id from counters_locked))
  )`
}

/** Assignments in an update of `runs`, with `lost` in its `from`. */
export const LOST = `
      held_micro_usd = runs.held_micro_usd - lost.micro_usd,
      held_tokens = runs.held_tokens - lost.tokens,
      unknown_micro_usd = runs.unknown_micro_usd + lost.micro_usd,
      unknown_tokens = runs.unknown_tokens + lost.tokens`
