-- Answers that are given again without asking a model, and what that has saved.

-- With pgvector questions are compared faster. No column needs it, so it may come and go; where it cannot be had, the store does without.
do $$
begin
  create extension if not exists vector;
exception when others then
  raise notice 'pgvector is not there: %', sqlerrm;
end
$$;

create table cache_entries (
  id bigint generated always as identity primary key,
  -- Hash of the request: tenant, perhaps principal, agent, prompt, model, tools and messages.
  key text collate "C" not null unique,
  -- The same without the text of the last message. Only questions of one frame are compared with each other.
  frame text collate "C" not null,
  tenant text not null,
  agent text not null,
  prompt_version text not null,
  -- {message, stop, servedBy}
  answer json not null,
  -- As the provider counted the call. The cost is null where the price was unknown.
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_micro_usd bigint,
  -- The question, with what it is compared by; nulls where it is compared with no other. `specifics` has to be equal.
  question text,
  specifics text collate "C",
  vector_space text collate "C",
  vector real[],
  -- Set in a copy of another entry, which was given for a similar question. It is never compared, so that copies do not drift.
  via text check (via in ('semantic', 'lexical')),
  -- When the model answered, also in a copy.
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);

create index cache_entries_of_agent on cache_entries (tenant, agent);
create index cache_entries_compared on cache_entries (frame, vector_space, specifics, created_at desc) where vector is not null;
create index cache_entries_expired on cache_entries (expires_at);

-- Who asks a model for all that have the same question at once.
create table cache_leases (
  key text collate "C" primary key,
  tenant text not null,
  agent text not null,
  prompt_version text not null,
  -- The activity that asks.
  holder text not null,
  -- `kept`: its answer is in `cache_entries`. `declined`: its answer may not be given again, so nobody need wait.
  state text not null default 'asking' check (state in ('asking', 'kept', 'declined')),
  expires_at timestamptz(3) not null
);

create index cache_leases_of_agent on cache_leases (tenant, agent);
create index cache_leases_expired on cache_leases (expires_at);

-- What came of each model call of an agent with a cache. It stays when entries go: usage is added up from it.
create table cache_look_ups (
  run_id text collate "C" not null,
  step integer not null,
  hop integer not null,
  tenant text not null,
  -- The agent that spoke, and the one that the run was started with.
  agent text not null,
  run_agent text not null,
  principal text not null,
  provider text not null,
  model text not null,
  -- The tenant's, as in `model_attempts`.
  day date not null,
  -- `waits`: another run asks the same.
  outcome text not null check (outcome in ('waits', 'miss', 'exact', 'semantic', 'lexical')),
  saved_micro_usd bigint not null default 0,
  saved_input_tokens bigint not null default 0,
  saved_output_tokens bigint not null default 0,
  began_at timestamptz(3) not null default clock_timestamp(),
  primary key (run_id, step, hop)
) with (fillfactor = 80);

create index cache_look_ups_of_day on cache_look_ups (tenant, day);

-- An answer of the cache belongs to no attempt.
alter table model_calls alter column attempt drop not null;
