import { abandoned } from './abandoned-attempts.ts'

/*
 * The parts of the statement that books an attempt. After `run`, `call` and `view`. Takes `:run_id`, `:step`, `:hop`; `:agent`, the
 * run's current one; `:max_output_tokens` and `:floor_output_tokens`; `:input_rates` and `:output_rates`, which hold for an input above
 * `:above_tokens`; and `:on_unknown_price`, for a call without rates. A sub-agent's limits are its share, whatever its workflow takes
 * them for: its parent has set aside no more.
 */

/** `applicable`: the shared budgets that hold for the run, a subject's own before the one for each, and their counters of now. */
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

/** `locked`: counters that may change, with what they are now. What takes long is done before, since everybody waits for them. */
const LOCKED = `
  locked as (
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

/** `rates`: the dearest that the call can reach; of nulls where the model has no price. */
const RATES = `
  rates as (
    select max(tier.input) as input, max(tier.output) as output
    from view, unnest(:input_rates::bigint[], :output_rates::bigint[], :above_tokens::bigint[]) as tier (input, output, above)
    where tier.above < greatest(view.input_tokens, 1)
  )`

/** The most output tokens that a limit leaves beside what is `used` of it. */
function mostBeside(used: string): string {
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
 * `rests`: each limit in force with the most output tokens that it leaves, and would leave with nothing set aside. A limit of
 * costs says nothing without rates. `reached`: one that does not leave enough; last, one that others' calls are just in the way of.
 */
const RESTS = `
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
    from applicable join locked on locked.id = applicable.window_id
    cross join lateral (
      values (1, 'cost', applicable.limit_micro_usd, locked.used_micro_usd, locked.held_micro_usd),
        (2, 'tokens', applicable.limit_tokens, locked.used_tokens, locked.held_tokens)
    ) as shared (place, name, allowed, used, held)
    where shared.allowed is not null
  ),
  rests as (
    select in_force.*, at_once.most, later.most as most_later
    from in_force, view, rates, lateral (${mostBeside('used')}) as at_once (most), lateral (${mostBeside('used - held')}) as later (most)
  ),
  reached as (
    select rests.*, most_later >= least(:max_output_tokens::bigint, :floor_output_tokens::bigint) as is_momentary
    from rests where most < least(:max_output_tokens::bigint, :floor_output_tokens::bigint)
    order by is_momentary, rank, period, place limit 1
  )`

/**
 * `verdict`: the one row that says what comes of it. `go` alone books something; `unopened`: a budget's counter for this day or
 * month is missing.
 */
const VERDICT = `
  fit as materialized (
    select least(:max_output_tokens::bigint, (select min(most) from rests)) as cap, case
      when exists (select from call) then 'stored'
      when not run.open then 'ended'
      when run.last_step = :step and run.last_hop = :hop then 'unseen'
      when switched.scope is not null then 'switched'
      when exists (select from applicable where window_id is null) then 'unopened'
      when exists (select from reached) then 'reached'
      when rates.input is null and :on_unknown_price <> 'allow'
        and (run.max_micro_usd is not null or exists (select from applicable where limit_micro_usd is not null))
        and not (:on_unknown_price = 'count_tokens'
          and (run.max_tokens is not null or exists (select from applicable where limit_tokens is not null)))
        then 'price_unknown'
      else 'go'
    end as kind, switched.scope as switched
    from run cross join rates left join switched on true
  ),
  verdict as (
    select fit.*, kind = 'go' as goes, day,
      (view.input_tokens * rates.input + cap * rates.output + 999999) / 1000000 as worst_micro_usd,
      (cap * rates.output + 999999) / 1000000 as worst_output_micro_usd,
      view.input_tokens + cap as worst_tokens
    from fit, view, today, rates
  )`

/** From the tables as they are to the verdict. */
export const RESERVATION = `
  today as (
    select run.tenant, run.principal, run.agent, zone, (now() at time zone zone)::date as day
    from run left join tenants on tenants.tenant = run.tenant
    cross join lateral (select coalesce(tenants.time_zone, 'UTC')) as of_tenant (zone)
  ),
  switched as (
    select switch.scope from run
    left join runs as parent on parent.id = run.parent_run_id
    join kill_switches as switch on switch.tenant = run.tenant
      and (switch.scope, switch.subject)
        in (('tenant', run.tenant), ('agent', run.agent), ('agent', :agent), ('agent', parent.agent))
    order by switch.scope = 'agent' limit 1
  ),
  ${APPLICABLE},
  ${abandoned({ of: 'run', where: '(attempt.step, attempt.hop) <= (:step::integer, :hop::integer)' })},
  ${LOCKED},
  ${RATES},
  ${RESTS},
  ${VERDICT}`

/** What a verdict of `go` writes, and what attempts that were abandoned leave behind. Takes `:provider`, `:model`, `:price_book`, `:activity`. */
export const BOOKING = `
  booked as (
    insert into model_attempts (
      run_id, step, hop, attempt, tenant, agent, principal, provider, model, day, windows, worst_micro_usd, worst_tokens,
      cap_tokens, worst_output_micro_usd, price_book, activity
    )
    select run.id, :step, :hop, run.attempt, run.tenant, run.agent, run.principal, :provider, :model, verdict.day,
      array(select window_id from applicable order by 1), verdict.worst_micro_usd, verdict.worst_tokens, verdict.cap,
      verdict.worst_output_micro_usd, :price_book, :activity
    from run, verdict where verdict.goes
    returning windows, coalesce(worst_micro_usd, 0) as micro_usd, worst_tokens as tokens
  ),
  moved as (
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
    where counter.id = change.id and counter.id = any (array(select id from locked))
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
