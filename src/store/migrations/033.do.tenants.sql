-- Tenants are rows, with a name and what the operator keeps of them, and can be suspended. A tenant that exists by use has a row from now on.

alter table tenants
  alter column time_zone set default 'UTC',
  add column name text,
  add column metadata json not null default '{}',
  add column created_at timestamptz(3) not null default now(),
  add column suspended_at timestamptz(3),
  add column suspended_by text,
  add column suspended_reason text;
create index tenants_suspended on tenants (tenant) where suspended_at is not null;

-- `runs` may be large: its index is asked for the next tenant, again and again.
with recursive of_runs (tenant) as (
  select min(tenant) from runs
  union all
  select (select min(runs.tenant) from runs where runs.tenant > of_runs.tenant) from of_runs where of_runs.tenant is not null
)
insert into tenants (tenant)
select tenant from of_runs where tenant is not null
union select tenant from api_keys
union select tenant from threads
union select tenant from schedules
union select tenant from webhooks
union select tenant from budgets
union select tenant from kill_switches
on conflict do nothing;

-- What holds runs: the kill switches that are on, and suspensions, which hold all runs of a tenant.
create view switches_in_force as
  select tenant, scope, subject from kill_switches
  union all
  select tenant, 'tenant', tenant from tenants where suspended_at is not null;
