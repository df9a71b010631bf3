-- What a run was accepted with, and what its stored answers and decisions allow. Activities believe these rows and not what they
-- are given, since whoever reaches Temporal can give them anything. Rows from before have null here, and are held to less.

alter table runs
  -- SHA-256 of the plan's canonical JSON, hex. null: accepted by a release that kept none.
  add column plan_sha256 text,
  -- The plan's limits, as admitted changes have made them.
  add column allowed_limits json;

alter table tool_calls
  -- Of the model's arguments.
  add column arguments_sha256 text,
  -- What the plan's rules say of the call, and on which of the plan's terms a person is asked.
  add column verdict text check (verdict in ('allow', 'ask', 'deny')),
  add column terms text,
  -- Transcript position of its result.
  add column result_seq integer;

-- Decisions that came from whom they say, by people who might decide: each person's first one about an approval.
create table admitted_votes (
  approval_id text collate "C" not null,
  by text not null,
  -- In the order in which they were admitted.
  n bigint generated always as identity,
  run_id text collate "C" not null,
  tenant text not null,
  decision text not null check (decision in ('approve', 'edit', 'reject', 'respond')),
  arguments_sha256 text not null,
  edited_sha256 text,
  message text,
  at timestamptz(3) not null default clock_timestamp(),
  primary key (approval_id, by)
);

-- Changes of a run's limits that came from whom they say, each made once.
create table admitted_budget_changes (
  run_id text collate "C" not null,
  change_id text collate "C" not null,
  tenant text not null,
  by text not null,
  at timestamptz(3) not null default clock_timestamp(),
  primary key (run_id, change_id)
);

-- What activities were asked to do in a run's name and have refused: a row a kind, so that trying again and again fills no table.
create table refused_forgeries (
  run_id text collate "C" not null,
  activity text not null,
  problem text not null,
  tenant text not null,
  count integer not null default 1,
  first_at timestamptz(3) not null default clock_timestamp(),
  last_at timestamptz(3) not null default clock_timestamp(),
  primary key (run_id, activity, problem)
);
