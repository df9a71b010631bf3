-- Prompt texts by their hash, so that a worker of any build can go on with a run that began with one it does not carry.

create table prompts (
  hash text collate "C" primary key,
  name text not null,
  version text not null,
  text text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- API and worker processes that live, with what has to fit together among them.

create table processes (
  id text collate "C" primary key,
  kind text not null check (kind in ('api', 'worker')),
  task_queue text not null,
  facts json not null,
  seen_at timestamptz not null default clock_timestamp()
);
