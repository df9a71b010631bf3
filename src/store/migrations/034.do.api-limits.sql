-- Limits of requests and of started runs a minute, over all API processes.

-- A token bucket. What it holds at most, and how fast it fills, is its limit's, which the statement brings along.
create table api_buckets (
  key text collate "C" primary key,
  tenant text not null,
  -- What was left at `at`. Below 0 it owes: processes let a few through before they ask.
  level double precision not null,
  per_minute bigint not null check (per_minute > 0),
  at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Open runs of a tenant and of a principal, to be counted when there is a limit of them.
create index runs_open_of_tenant on runs (tenant, principal)
  where status in ('queued', 'in_progress', 'requires_action') and parent_run_id is null;
