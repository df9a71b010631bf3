-- Memory: facts that agents have kept, each of one principal.

create table memories (
  id text collate "C" primary key,
  tenant text not null,
  principal text not null,
  fact text not null,
  -- The same words are one fact.
  fact_sha256 text not null,
  about text,
  -- Without an index of its own: a search reads the few facts of one principal.
  search tsvector not null generated always as (to_tsvector('simple', coalesce(about, '') || ' ' || fact)) stored,
  -- The call that has kept it last.
  agent text not null,
  run_id text collate "C" not null,
  thread_id text collate "C",
  step integer not null,
  index integer not null,
  seq integer not null,
  tainted_by text[] not null,
  created_at timestamptz(3) not null default now(),
  kept_at timestamptz(3) not null default now(),
  edited_by text,
  edited_at timestamptz(3)
);
create unique index memories_once on memories (tenant, principal, fact_sha256);
create index memories_listed on memories (tenant, kept_at desc, id desc);
create index memories_by_principal on memories (tenant, principal, kept_at desc, id desc);
create index memories_by_call on memories (run_id, step, index);
create index memories_by_thread on memories (thread_id) where thread_id is not null;
