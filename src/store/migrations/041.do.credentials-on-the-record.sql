-- Which credential has made and changed what goes on without it: webhooks, their secrets, schedules. And runs by the credential of their start.

-- As `runs.started_by`, here and below. null: a row of a build before this one, or an API that asks for no key. Builds before kept a
-- webhook's principal, of which no release has a row.
alter table webhooks
  alter column created_by drop not null,
  alter column created_by type jsonb using null,
  -- Who has changed the URL, the events or whether it is enabled, last. null as well where nobody has.
  add column updated_by jsonb,
  add column updated_at timestamptz(3) not null default now();
update webhooks set updated_at = created_at;

-- Whoever has made a secret knows it, for as long as it signs.
alter table webhook_secrets add column created_by jsonb;

alter table schedules
  add column created_by jsonb,
  add column updated_by jsonb;

-- Columns, and not an index over the members of `started_by`: behind row-level security an index serves a condition only where no function in
-- it can tell of other tenants' rows, which holds for `=` between texts and not for `->>`.
alter table runs
  add column started_by_id text collate "C",
  -- The id of what has made the browser token that started it.
  add column started_by_maker_id text collate "C";
update runs set started_by_id = started_by ->> 'id', started_by_maker_id = started_by -> 'maker' ->> 'id' where started_by is not null;
create index runs_by_credential on runs (tenant, started_by_id, created_at desc, id desc) where started_by_id is not null;
create index runs_by_credential_maker on runs (tenant, started_by_maker_id, created_at desc, id desc)
  where started_by_maker_id is not null;
