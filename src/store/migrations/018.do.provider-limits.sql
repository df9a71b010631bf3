-- Requests and tokens a minute towards providers, and pauses that providers have asked for.

-- A token bucket. What it holds at most, and how fast it fills, is its limit's, which the statement brings along.
create table provider_buckets (
  key text collate "C" primary key,
  provider text not null,
  -- null: all models of the provider together.
  model text,
  -- null: all tenants together.
  tenant text,
  unit text not null check (unit in ('requests', 'tokens')),
  per_minute bigint not null check (per_minute > 0),
  -- What was left at `at`. Below 0 it owes: a call has used more than was taken for it.
  level double precision not null,
  at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Until when a model of a provider is not to be asked.
create table provider_pauses (
  provider text not null,
  model text not null,
  until timestamptz not null,
  primary key (provider, model)
);
