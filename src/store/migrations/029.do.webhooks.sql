-- Who is told of what happens to runs, and each delivery of it.

create table webhooks (
  id text collate "C" primary key,
  tenant text not null,
  -- The run that it was given with, whose events alone it gets; null: those of all of the tenant's runs.
  run_id text collate "C",
  url text not null,
  -- Host and port of the URL: a slow host holds up its own deliveries, whichever of the tenant's webhooks they are for.
  host text not null,
  events text[] not null,
  created_by text not null,
  created_at timestamptz(3) not null default now(),
  disabled_at timestamptz(3),
  -- `gone`: it has answered 410. `caller`: somebody has switched it off.
  disabled_for text check (disabled_for in ('gone', 'caller'))
);

create index webhooks_by_run on webhooks (tenant, run_id);

-- They sign, so that a hash of them would not do.
create table webhook_secrets (
  webhook_id text collate "C" not null,
  id bigint generated always as identity,
  secret text not null,
  created_at timestamptz(3) not null default now(),
  -- null: until another one takes its place.
  expires_at timestamptz(3),
  primary key (webhook_id, id)
);

create table webhook_deliveries (
  -- Made of the webhook and what it is told of: the same is delivered once.
  id text collate "C" primary key,
  tenant text not null,
  webhook_id text collate "C" not null,
  host text not null,
  type text not null,
  -- What it is about: a run, or the report of a day.
  run_id text collate "C",
  day date,
  happened_at timestamptz(3) not null,
  status text not null default 'queued' check (status in ('queued', 'sending', 'retrying', 'delivered', 'failed', 'dropped')),
  -- Counts redeliveries, each of which is a workflow of its own; `attempts` begins anew with each.
  round integer not null default 0,
  attempts integer not null default 0,
  -- When an attempt is due; null in the queue, and at the end.
  due_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  ended_at timestamptz(3)
) with (fillfactor = 80);

create index webhook_deliveries_listed on webhook_deliveries (webhook_id, created_at desc, id desc);
create index webhook_deliveries_queued on webhook_deliveries (tenant, host, created_at, id) where status = 'queued';
create index webhook_deliveries_sending on webhook_deliveries (tenant, host) where status = 'sending';
create index webhook_deliveries_due on webhook_deliveries (due_at) where status in ('sending', 'retrying');
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where ended_at is not null;

create table webhook_attempts (
  delivery_id text collate "C" not null,
  round integer not null,
  attempt integer not null,
  at timestamptz(3) not null,
  http_status integer,
  code text,
  duration_ms integer not null,
  primary key (delivery_id, round, attempt)
);

-- In the transaction of the event, so that no delivery is lost, and none is of an event that was rolled back. The condition of the trigger keeps
-- the function from the events of every step.
create function queue_webhooks_of_event() returns trigger language plpgsql as $$
declare
  told text := case when new.type in ('approval.requested', 'budget.reached') then 'run.requires_action' else new.type end;
begin
  insert into webhook_deliveries (id, tenant, webhook_id, host, type, run_id, happened_at)
  select 'whd_' || substr(webhook.id, 5) || '_' || substr(new.run_id, 5) || '_' || new.seq, new.tenant, webhook.id, webhook.host,
    told, new.run_id, new.at
  from webhooks as webhook
  where webhook.tenant = new.tenant and (webhook.run_id is null or webhook.run_id = new.run_id)
    and webhook.disabled_at is null and told = any (webhook.events)
  on conflict do nothing;
  if found then
    perform pg_notify('holdfast_webhook', '');
  end if;
  return null;
end
$$;

-- A run that waits for its budget says until when. Sub-agents' runs are left out: their parents' events tell of them.
create trigger run_events_after_insert after insert on run_events for each row
  when (
    (
      new.type in (
        'run.completed', 'run.incomplete', 'run.failed', 'run.cancelled', 'run.expired', 'approval.requested', 'budget.threshold'
      )
      or (new.type = 'budget.reached' and new.data ->> 'expires_at' is not null)
    )
    and new.run_id not like 'run\_%\_%'
  )
  execute function queue_webhooks_of_event();

-- Once for a day: a report that is made again is updated.
create function queue_webhooks_of_report() returns trigger language plpgsql as $$
begin
  insert into webhook_deliveries (id, tenant, webhook_id, host, type, day, happened_at)
  select 'whd_' || substr(webhook.id, 5) || '_' || to_char(new.day, 'YYYYMMDD'), new.tenant, webhook.id, webhook.host,
    'report.daily', new.day, new.made_at
  from webhooks as webhook
  where webhook.tenant = new.tenant and webhook.run_id is null and webhook.disabled_at is null
    and 'report.daily' = any (webhook.events)
  on conflict do nothing;
  if found then
    perform pg_notify('holdfast_webhook', '');
  end if;
  return null;
end
$$;

create trigger daily_reports_after_insert after insert on daily_reports for each row execute function queue_webhooks_of_report();
