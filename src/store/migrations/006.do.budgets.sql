-- What runs may use and what they have used: every attempt of a model call is booked with its worst case before it is made and
-- settled with what it was. Money is whole micro-USD, tokens are input and output together.

alter table runs
  -- Attempts of model calls, whether they came to anything; the last one's number. With those of sub-agents that have ended.
  add column attempts integer not null default 0,
  -- Set aside: the worst case of attempts under way, and the shares of sub-agents under way.
  add column held_micro_usd bigint not null default 0,
  add column held_tokens bigint not null default 0,
  -- The worst case of attempts whose end nobody saw, or whose answer came without its price.
  add column unknown_micro_usd bigint not null default 0,
  add column unknown_tokens bigint not null default 0,
  -- What is known of the cost. The same as `cost_micro_usd` until that is null; limits are held with this one.
  add column settled_micro_usd bigint not null default 0,
  -- How many tokens the conversation had up to the last answer (its input and output), and what was asked: a model, a prompt
  -- and tools. Another request of that kind is at least that long and longer by what came after `context_seq`.
  add column context_tokens bigint,
  add column context_model text,
  add column context_seq integer,
  -- The limits in force where they are not the plan's any more, and what the run waits for: `{reached, expiresAt}`.
  add column budget_limits json,
  add column budget_wait json,
  -- Notices on the record so far.
  add column budget_progress integer not null default 0;
-- The counters above stay in the row, and so do its short texts.
alter table runs set (toast_tuple_target = 640);
update runs set attempts = model_calls, settled_micro_usd = coalesce(cost_micro_usd, 0);

create index runs_waiting_for_budget on runs (tenant) where budget_wait is not null;

create table model_attempts (
  run_id text collate "C" not null,
  step integer not null,
  hop integer not null,
  -- Counts the run's attempts, and not the hop's: a hop that was withheld and is asked again starts anew there.
  attempt integer not null,
  tenant text not null,
  -- The agent that the run was started with, whoever speaks.
  agent text not null,
  principal text not null,
  provider text not null,
  -- The one that was asked for.
  model text not null,
  served_by text,
  request_id text,
  -- `unknown`: nobody saw its end; it may still become one of the others.
  status text not null default 'open' check (status in ('open', 'ok', 'failed', 'unknown')),
  -- Why it failed.
  code text,
  -- The tenant's, when the attempt was booked; it stays there however long it takes.
  day date not null,
  -- The counters that it was booked in; they are the ones that it is settled in.
  windows bigint[] not null default '{}',
  -- null where the model has no price.
  worst_micro_usd bigint,
  worst_tokens bigint not null,
  cap_tokens integer not null,
  -- null until it is known; for good where the price is not.
  cost_micro_usd bigint,
  -- What is counted in place of the numbers that are not known.
  unknown_micro_usd bigint not null default 0,
  unknown_tokens bigint not null default 0,
  input_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  price_book text,
  began_at timestamptz(3) not null default now(),
  ended_at timestamptz(3),
  primary key (run_id, step, hop, attempt)
) with (fillfactor = 80);

create index model_attempts_of_day on model_attempts (tenant, day);
create index model_attempts_open on model_attempts (run_id) where status = 'open';

insert into model_attempts (
  run_id, step, hop, attempt, tenant, agent, principal, provider, model, served_by, request_id, status, day, worst_tokens,
  cap_tokens, cost_micro_usd, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
  began_at, ended_at
)
select call.run_id, call.step, call.hop, row_number() over (partition by call.run_id order by call.step, call.hop),
  call.tenant, runs.agent, runs.principal, call.provider, call.model, call.served_by, call.request_id, 'ok',
  (call.created_at at time zone 'UTC')::date, used.input + used.output, used.output,
  (call.decision ->> 'costMicroUsd')::bigint, used.input, used.cached, used.written, used.output, used.reasoning,
  call.created_at - call.latency_ms * interval '1 millisecond', call.created_at
from model_calls as call
join runs on runs.id = call.run_id
cross join lateral (
  select (usage ->> 'inputTokens')::bigint as input, (usage ->> 'cachedInputTokens')::bigint as cached,
    (usage ->> 'cacheWriteTokens')::bigint as written, (usage ->> 'outputTokens')::bigint as output,
    (usage ->> 'reasoningTokens')::bigint as reasoning
  from (select call.decision -> 'usage') as of_call (usage)
) as used;

-- Absent: days are UTC.
create table tenants (
  tenant text primary key,
  time_zone text not null
);

-- Limits that many runs share. The subject of scope `tenant` is the tenant; `*` stands for each principal or agent that has no
-- row of its own for the period.
create table budgets (
  tenant text not null,
  scope text not null check (scope in ('principal', 'agent', 'tenant')),
  subject text not null,
  period text not null check (period in ('day', 'month')),
  limit_micro_usd bigint check (limit_micro_usd >= 0),
  limit_tokens bigint check (limit_tokens >= 0),
  on_reached text not null check (on_reached in ('pause', 'refuse')),
  -- The share at which it is told.
  threshold real not null default 0.8 check (threshold > 0 and threshold <= 1),
  by text not null,
  -- It counts every attempt from then on; what its period has seen before is added up when a counter is opened.
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default now(),
  primary key (tenant, scope, subject, period),
  check (limit_micro_usd is not null or limit_tokens is not null),
  check (scope <> 'tenant' or subject = tenant)
);

-- What one principal, agent or tenant has used of a day or month that a budget is for. It is the sum over its rows in
-- `model_attempts`, by their `day`. Always locked after the run's row, and several of them in the order of their ids.
create table budget_windows (
  id bigint generated always as identity primary key,
  tenant text not null,
  scope text not null,
  -- Never `*`.
  subject text not null,
  period text not null,
  starts_on date not null,
  spent_micro_usd bigint not null default 0,
  spent_tokens bigint not null default 0,
  unknown_micro_usd bigint not null default 0,
  unknown_tokens bigint not null default 0,
  held_micro_usd bigint not null default 0,
  held_tokens bigint not null default 0,
  -- Whether the threshold of either limit has been told.
  told_micro_usd boolean not null default false,
  told_tokens boolean not null default false,
  unique (tenant, scope, subject, period, starts_on)
) with (fillfactor = 50);

-- While there is a row, no model is called for that tenant or agent.
create table kill_switches (
  tenant text not null,
  scope text not null check (scope in ('tenant', 'agent')),
  subject text not null,
  by text not null,
  reason text not null,
  at timestamptz(3) not null default now(),
  primary key (tenant, scope, subject),
  check (scope <> 'tenant' or subject = tenant)
);
