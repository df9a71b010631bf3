-- Runs and everything that belongs to one.
--
-- Each row names its tenant. There are no foreign keys: every statement that writes a child row takes the run from its own
-- locked row first, and a key check per row would be the larger part of a hot write.
--
-- Values that are only ever read whole are `json`, not `jsonb`: cheaper to write and to read, and a provider's items come back
-- with their members in the order they had. Times are kept to the millisecond, which is what callers and cursors see.

create table runs (
  id text collate "C" primary key,
  tenant text not null,
  principal text not null,
  workflow_id text not null,
  agent text not null,
  agent_version text not null,
  prompt_version text not null,
  plan json not null,
  idempotency_key text,
  request_sha256 text not null,
  status text not null default 'queued' check (
    status in ('queued', 'in_progress', 'requires_action', 'completed', 'incomplete', 'failed', 'cancelled', 'expired')
  ),
  reason text,
  -- Approvals that wait, in the order they were asked for. Kept in this row so that its lock guards it.
  waits_for text[] not null default '{}',
  output text,
  error text,
  input_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  model_calls integer not null default 0,
  tool_calls integer not null default 0,
  -- null for good once the price of one call is unknown.
  cost_micro_usd bigint default 0,
  served_by text,
  -- Place of the last answer: the step counts the run's steps, and an earlier place than this may not be stored any more.
  steps integer not null default 0,
  hop integer not null default 0,
  input_count integer not null,
  metadata json not null,
  last_event_seq integer not null default 0,
  -- Messages added while it runs, and those of them that a model has been shown. Kept in this row so that its lock guards them:
  -- a run does not complete over a message that it was given before.
  inbox_added integer not null default 0,
  inbox_placed integer not null default 0,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  completed_at timestamptz(3)
) with (
  -- Room for the next version of the row on its own page: a counter's update then touches no index.
  fillfactor = 60,
  -- The plan stands outside the row from the start, or every update would copy it.
  toast_tuple_target = 256
);

create unique index runs_by_key on runs (tenant, idempotency_key) where idempotency_key is not null;
create index runs_listed on runs (tenant, created_at desc, id desc);
create index runs_by_status on runs (tenant, status, created_at desc, id desc);
create index runs_by_agent on runs (tenant, agent, created_at desc, id desc);
create index runs_unstarted on runs (created_at) where status = 'queued';
create index runs_open on runs (created_at, id) where status in ('queued', 'in_progress', 'requires_action');

create table messages (
  run_id text collate "C" not null,
  seq integer not null,
  tenant text not null,
  message json not null,
  created_at timestamptz(3) not null default now(),
  primary key (run_id, seq)
);

-- Messages added while a run goes on, until a model call gives them a place in the transcript. They stay for a repeated attempt.
create table inbox_messages (
  run_id text collate "C" not null,
  id text collate "C" not null,
  tenant text not null,
  message json not null,
  placed boolean not null default false,
  created_at timestamptz(3) not null default now(),
  primary key (run_id, id)
);

create table model_calls (
  run_id text collate "C" not null,
  step integer not null,
  hop integer not null,
  tenant text not null,
  attempt integer not null,
  seq integer not null,
  provider text not null,
  model text not null,
  served_by text not null,
  request_id text,
  decision json not null,
  latency_ms integer not null,
  created_at timestamptz(3) not null default now(),
  primary key (run_id, step, hop)
);

create table tool_calls (
  run_id text collate "C" not null,
  step integer not null,
  index integer not null,
  -- How often a person has said "call again" after an unknown outcome. The arguments stand at 0.
  again integer not null default 0,
  tenant text not null,
  call_id text not null,
  tool text not null,
  effect text,
  arguments json,
  status text not null check (status in ('requested', 'started', 'done', 'unknown', 'rejected', 'denied')),
  -- Once set, the call is over and never made again under this key.
  outcome json,
  attempt integer,
  latency_ms integer,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  ended_at timestamptz(3),
  primary key (run_id, step, index, again)
) with (fillfactor = 80);

create table approvals (
  id text collate "C" primary key,
  run_id text collate "C" not null,
  tenant text not null,
  agent text not null,
  step integer not null,
  index integer not null,
  tool text not null,
  effect text not null,
  arguments json not null,
  arguments_sha256 text not null,
  cause text not null,
  rule text not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'expired', 'cancelled')),
  requested_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  decided_by text,
  decided_at timestamptz(3),
  message text,
  comment text
);

create index approvals_listed on approvals (tenant, requested_at desc, id desc);
create index approvals_by_status on approvals (tenant, status, requested_at desc, id desc);
create index approvals_of_run on approvals (run_id);

create table run_events (
  run_id text collate "C" not null,
  seq integer not null,
  tenant text not null,
  type text not null,
  data json not null,
  at timestamptz(3) not null default now(),
  primary key (run_id, seq)
);
