-- Threads: conversations of several runs, which take turns. A thread has no messages of its own: its transcript is made of those of its
-- runs, in the order of their turns.

create table threads (
  id text collate "C" primary key,
  tenant text not null,
  principal text not null,
  title text,
  metadata json not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index threads_listed on threads (tenant, created_at desc, id desc);
create index threads_by_principal on threads (tenant, principal, created_at desc, id desc);

-- A turn waits (no `first_seq`), is in flight, or is over (`messages` is set). Every change of a thread's turns holds the lock of the
-- thread's row. A turn that is cancelled while it waits has no row any more.
create table thread_turns (
  thread_id text collate "C" not null,
  -- Turns are taken in this order.
  n integer not null,
  tenant text not null,
  run_id text collate "C" not null,
  -- The thread's message that the run's first message is.
  first_seq integer,
  -- Places that the turn takes in the thread: up to the run's last message, or none where the turn was rolled back.
  messages integer,
  -- Since when the turn is to end for another one.
  interrupted_at timestamptz(3),
  -- Its messages leave the thread.
  rolled_back boolean not null default false,
  primary key (thread_id, n)
);
-- Turns that are not over.
create index thread_turns_open on thread_turns (thread_id, n) where messages is null;

-- The window in which a thread's next turn begins, by agent: the last one of an earlier turn.
create table thread_windows (
  thread_id text collate "C" not null,
  agent text not null,
  -- The key of the window.
  run_id text collate "C" not null,
  number integer not null,
  -- The thread's message that is place 0 of the window.
  first_seq integer not null,
  primary key (thread_id, agent)
);

alter table runs
  add column thread_id text collate "C",
  -- Of its turn, once that has begun: before that the run is not started.
  add column thread_seq integer,
  add column turn_began_at timestamptz(3),
  -- What was said in the run is removed; what it has cost stays.
  add column content_removed_at timestamptz(3);
create index runs_of_thread on runs (tenant, thread_id, created_at desc, id desc) where thread_id is not null;

-- What the turns that are over have left, at its places in the thread.
create view thread_messages as
  select turn.thread_id, turn.tenant, turn.first_seq + messages.seq as seq, turn.run_id, messages.seq as run_seq, messages.message,
    messages.created_at, runs.principal, runs.input_count
  from thread_turns as turn
  join runs on runs.id = turn.run_id
  join messages on messages.run_id = turn.run_id
  where turn.first_seq is not null and not turn.rolled_back and runs.completed_at is not null;
