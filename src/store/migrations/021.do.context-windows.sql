-- Which part of a transcript an agent's models are shown, decided anew each time that it has grown too long. The transcript itself
-- stays whole, in `messages`.

create table context_windows (
  run_id text collate "C" not null,
  agent text not null,
  -- Counts the agent's windows in this run, from 1. A window never changes.
  number integer not null,
  tenant text not null,
  -- Messages from this place on are shown, and of those before it the ones in `kept`.
  from_seq integer not null,
  kept integer[] not null,
  -- A message that is shown just before `from_seq`, in the place of those that are left out; null where there are none.
  lead json,
  -- Tool results are shown up to this size; null: whole.
  result_bytes integer,
  -- The compaction, as its activity has returned it.
  outcome json not null,
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (run_id, agent, number)
);
