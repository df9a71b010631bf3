-- Priorities of runs; schedules, and the starts that came of them.

-- 1 before 5.
alter table runs add column priority smallint not null default 3;

create table schedules (
  id text collate "C" primary key,
  tenant text not null,
  principal text not null,
  -- Not a copy of its rights: each start asks what the key may do then.
  key_id text,
  timing json not null,
  start json not null,
  overlap text not null,
  catch_up_ms bigint not null,
  paused_at timestamptz(3),
  stopped_at timestamptz(3),
  -- Kept until Temporal's Schedule is gone as well.
  deleted_at timestamptz(3),
  -- Counts changes. Temporal's Schedule is behind where `set_revision` is another one.
  revision integer not null default 1,
  set_revision integer not null default 0,
  idempotency_key text,
  request_sha256 text not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create index schedules_listed on schedules (tenant, created_at desc, id desc);
create unique index schedules_by_key on schedules (tenant, principal, idempotency_key) where idempotency_key is not null;
create index schedules_unset on schedules (id) where revision <> set_revision;

create table schedule_starts (
  id text collate "C" primary key,
  schedule_id text collate "C" not null,
  at timestamptz(3) not null,
  asked_by text,
  outcome text not null default 'due',
  code text,
  run_id text collate "C",
  -- Until then one API decides about it; null: nobody does.
  claimed_until timestamptz(3)
);

create index schedule_starts_listed on schedule_starts (schedule_id, at desc, id desc);
create index schedule_starts_open on schedule_starts (schedule_id, at, id) where outcome in ('due', 'waiting');
create index schedule_starts_by_age on schedule_starts (at);
