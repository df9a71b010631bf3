import { abandoned } from './abandoned-attempts.ts'

/*
 * The parts of the statement that books an attempt. They stand after `run`, `call` and `view`.
 *
 * {@link RESERVATION}, from the tables to the verdict:
 *   today             the run with its tenant's present day
 *   switched          a kill switch that holds for the run; the suspension of its tenant is one
 *   applicable        the shared budgets that hold for the run, and their counters
 *   left_open … lost  attempts of this call and of earlier ones that are still open: their worst case counts as unknown
 *   counters_locked   the counters, with what is used of them
 *   rates             the highest price that the call can reach
 *   in_force          all limits that hold for the call: the run's own and those of shared budgets
 *   headroom          the same, with the output tokens that each leaves
 *   exceeded          the limit that does not leave enough, if there is one
 *   verdict_of        what comes of the request
 *   verdict           the same, with the worst case that is to be booked
 *
 * {@link BOOKING}, what it writes:
 *   booked            the attempt, where the verdict is `go`
 *   counters_updated  the worst cases of this attempt and of the abandoned ones, in the shared counters
 *   changed           the same, in the run's row
 *
 * Takes `:run_id`, `:step`, `:hop`; `:last_hop`, up to which answers are answers to this call; `:beside`, an attempt that goes on, or
 * null; `:agent`, the run's current agent; `:max_output_tokens` and `:floor_output_tokens`; `:input_rates`
 * and `:output_rates`, which hold for an input above `:above_tokens`; `:on_unknown_price`, for a call without rates; and
 * `:most_input_tokens`, or null. The limits of
 * a sub-agent are those of its share, whatever its workflow gives: its parent has set aside no more.
 */

/** `applicable`: for each scope and period the subject's own budget, or else the budget for every subject (`*`); and its present counter. */
const APPLICABLE = `
  applicable as (
    select distinct on (budget.scope, budget.period)
      target.rank, budget.scope, budget.period, budget.limit_micro_usd, budget.limit_tokens,
      budget.on_reached = 'refuse' as refuse, counter.id as window_id,
      (period.starts_on + ('1 ' || budget.period)::interval) at time zone today.zone as resets_at
    from today
    cross join lateral (
      values (1, 'principal', today.principal), (2, 'agent', today.agent), (3, 'tenant', today.tenant)
    ) as target (rank, scope, subject)
    join budgets as budget
      on budget.tenant = today.tenant and budget.scope = target.scope and budget.subject in (target.subject, '*')
    cross join lateral (select date_trunc(budget.period, today.day::timestamp)::date) as period (starts_on)
    left join budget_windows as counter
      on counter.tenant = today.tenant and counter.scope = target.scope and counter.subject = target.subject
      and counter.period = budget.period and counter.starts_on = period.starts_on
    order by budget.scope, budget.period, budget.subject = '*'
  )`

/** `counters_locked`. Slow parts of the statement come before this one, since every run that shares a budget waits for its counter. */
const COUNTERS_LOCKED = `
  counters_locked as (
    select id,
      spent_micro_usd + unknown_micro_usd + held_micro_usd as used_micro_usd,
      spent_tokens + unknown_tokens + held_tokens as used_tokens,
      held_micro_usd, held_tokens
    from budget_windows
    where id = any (array(
      select window_id from applicable, view where window_id is not null
      union
      select unnest(windows) from left_open
    ))
    order by id for no key update
  )`

/** `rates`: the highest price that the call's input can reach; nulls where the model has no price. */
const RATES = `
  rates as (
    select max(tier.input) as input, max(tier.output) as output
    from view, unnest(:input_rates::bigint[], :output_rates::bigint[], :above_tokens::bigint[]) as tier (input, output, above)
    where tier.above < greatest(view.input_tokens, 1)
  )`

/**
 * The most output tokens that a limit leaves when `used` of it is used: negative where not even the input fits, null for a limit of
 * costs where the model has no price.
 */
function outputTokensLeft(used: string): string {
  return `
      select case
        when name = 'tokens' then allowed - (${used}) - view.input_tokens
        when name = 'model_calls' then case when ${used} < allowed then :max_output_tokens::bigint else -1 end
        when rates.input is null then null
        when money.picos < 0 then -1
        when rates.output = 0 then :max_output_tokens::bigint
        else money.picos / rates.output
      end
      from (
        select greatest(least(allowed - (${used}), 9000000000000), -1) * 1000000 - view.input_tokens * rates.input
      ) as money (picos)`
}

/**
 * `in_force`, `headroom`, `exceeded`. `most` is what a limit leaves now, `most_later` what it would leave with nothing set aside for
 * other calls: a limit that is exceeded only by what is set aside is momentary, and is reported only where no other is exceeded.
 */
const LIMITS = `
  in_force as (
    select 0 as rank, own.place, 'run' as scope, own.name, null as period, null::timestamptz as resets_at, false as refuse,
      own.allowed, own.used, 0::bigint as held
    from run cross join lateral (
      values (1, 'cost', run.max_micro_usd, run.used_micro_usd), (2, 'tokens', run.max_tokens, run.used_tokens),
        (3, 'model_calls', run.max_model_calls, run.used_model_calls)
    ) as own (place, name, allowed, used)
    where own.allowed is not null
    union all
    select applicable.rank, shared.place, applicable.scope, shared.name, applicable.period, applicable.resets_at,
      applicable.refuse, shared.allowed, shared.used, shared.held
    from applicable join counters_locked as counter on counter.id = applicable.window_id
    cross join lateral (
      values (1, 'cost', applicable.limit_micro_usd, counter.used_micro_usd, counter.held_micro_usd),
        (2, 'tokens', applicable.limit_tokens, counter.used_tokens, counter.held_tokens)
    ) as shared (place, name, allowed, used, held)
    where shared.allowed is not null
  ),
  headroom as (
    select in_force.*, at_once.most, later.most as most_later
    from in_force, view, rates, lateral (${outputTokensLeft('used')}) as at_once (most), lateral (${outputTokensLeft('used - held')}) as later (most)
  ),
  exceeded as (
    select headroom.*, most_later >= least(:max_output_tokens::bigint, :floor_output_tokens::bigint) as is_momentary
    from headroom where most < least(:max_output_tokens::bigint, :floor_output_tokens::bigint)
    order by is_momentary, rank, period, place limit 1
  )`

/**
 * `verdict_of`, `verdict`: one row. Only `go` books something; `unopened`: the counter of a budget for this day or month is missing;
 * `unreadable`: the model cannot read a file that it would be shown; `uncounted`: the request may be longer than `:most_input_tokens`;
 * `unseen`: another attempt has answered the call while this statement waited for the run's row, too late to be visible.
 */
const VERDICT = `
  verdict_of as materialized (
    select least(:max_output_tokens::bigint, (select min(most) from headroom)) as cap, case
      when exists (select from call) then 'stored'
      when not run.open then 'ended'
      when run.last_step = :step and run.last_hop between :hop and :last_hop then 'unseen'
      when switched.scope is not null then 'switched'
      when view.unreadable then 'unreadable'
      when exists (select from applicable where window_id is null) then 'unopened'
      when view.input_tokens > :most_input_tokens::bigint then 'uncounted'
      when exists (select from exceeded) then 'reached'
      when rates.input is null and :on_unknown_price <> 'allow'
        and (run.max_micro_usd is not null or exists (select from applicable where limit_micro_usd is not null))
        and not (:on_unknown_price = 'count_tokens'
          and (run.max_tokens is not null or exists (select from applicable where limit_tokens is not null)))
        then 'price_unknown'
      else 'go'
    end as kind, switched.scope as switched
    from run cross join rates cross join view left join switched on true
  ),
  verdict as (
    select verdict_of.*, kind = 'go' as goes, day,
      (view.input_tokens * rates.input + cap * rates.output + 999999) / 1000000 as worst_micro_usd,
      view.input_tokens + cap as worst_tokens
    from verdict_of, view, today, rates
  )`

/** From the tables to the verdict. */
export const RESERVATION = `
  today as (
    select run.tenant, run.principal, run.agent, zone, (now() at time zone zone)::date as day
    from run left join tenants on tenants.tenant = run.tenant
    cross join lateral (select coalesce(tenants.time_zone, 'UTC')) as of_tenant (zone)
  ),
  switched as (
    select switch.scope from run
    left join runs as parent on parent.id = run.parent_run_id
    join switches_in_force as switch on switch.tenant = run.tenant
      and (switch.scope, switch.subject)
        in (('tenant', run.tenant), ('agent', run.agent), ('agent', :agent), ('agent', parent.agent))
    order by switch.scope = 'agent' limit 1
  ),
  ${APPLICABLE},
  ${abandoned({
    of: 'run',
    where:
      '(attempt.step, attempt.hop) <= (:step::integer, :last_hop::integer) and attempt.attempt is distinct from :beside::integer',
  })},
  ${COUNTERS_LOCKED},
  ${RATES},
  ${LIMITS},
  ${VERDICT}`

/** What a verdict of `go` writes, and what abandoned attempts leave to be counted. Takes `:provider`, `:model`, `:price_book`, `:activity`. */
export const BOOKING = `
  booked as (
    insert into model_attempts (
      run_id, step, hop, attempt, tenant, agent, principal, provider, model, day, windows, worst_micro_usd, worst_tokens,
      cap_tokens, price_book, activity
    )
    select run.id, :step, :hop, run.attempt, run.tenant, run.agent, run.principal, :provider, :model, verdict.day,
      array(select window_id from applicable order by 1), verdict.worst_micro_usd, verdict.worst_tokens, verdict.cap,
      :price_book, :activity
    from run, verdict where verdict.goes
    returning windows, coalesce(worst_micro_usd, 0) as micro_usd, worst_tokens as tokens
  ),
  counters_updated as (
    update budget_windows as counter set
      held_micro_usd = counter.held_micro_usd + change.held_micro_usd,
      held_tokens = counter.held_tokens + change.held_tokens,
      unknown_micro_usd = counter.unknown_micro_usd + change.unknown_micro_usd,
      unknown_tokens = counter.unknown_tokens + change.unknown_tokens
    from (
      select id, sum(held_micro_usd)::bigint as held_micro_usd, sum(held_tokens)::bigint as held_tokens,
        sum(unknown_micro_usd)::bigint as unknown_micro_usd, sum(unknown_tokens)::bigint as unknown_tokens
      from (
        select windows, micro_usd, tokens, 0, 0 from booked
        union all
        select windows, -micro_usd, -tokens, micro_usd, tokens from abandoned
      ) as change (windows, held_micro_usd, held_tokens, unknown_micro_usd, unknown_tokens),
      unnest(windows) as booked_in (id)
      group by id
    ) as change
    where counter.id = change.id and counter.id = any (array(select id from counters_locked))
  ),
  changed as (
    update runs set
      attempts = runs.attempts + goes::integer,
      held_micro_usd = runs.held_micro_usd - lost.micro_usd + case when goes then coalesce(worst_micro_usd, 0) else 0 end,
      held_tokens = runs.held_tokens - lost.tokens + case when goes then worst_tokens else 0 end,
      unknown_micro_usd = runs.unknown_micro_usd + lost.micro_usd,
      unknown_tokens = runs.unknown_tokens + lost.tokens
    from verdict, lost
    where runs.id = :run_id and (verdict.goes or lost.attempts > 0)
  )`
