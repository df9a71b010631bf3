-- Runs that work for a run: whose call they answer, what was set aside for them, and whether it has come back.

alter table runs
  add column parent_run_id text collate "C",
  add column parent_step integer,
  add column parent_index integer,
  -- Set aside from what the parent may use, until this run is closed; null for what neither of them limits.
  add column share_micro_usd bigint,
  add column share_tokens bigint,
  add column share_model_calls integer,
  -- What this run has used is in the parent's counters.
  add column returned boolean not null default false,
  -- Attempts set aside for runs that work for this one, whose shares are in `held_micro_usd` and `held_tokens` as well.
  add column held_model_calls integer not null default 0;

create index runs_of_parent on runs (tenant, parent_run_id, created_at desc, id desc) where parent_run_id is not null;
create index runs_unreturned on runs (created_at, id) where parent_run_id is not null and not returned;

alter table tool_calls
  drop constraint tool_calls_status_check,
  -- `done` and `unknown` were carried out, and count as the run's `tool_calls`; the others are answered in the tool's place.
  add constraint tool_calls_status_check check (
    status in ('requested', 'started', 'done', 'unknown', 'rejected', 'denied', 'answered', 'handed_off')
  );

-- The run that `run_id` works for: it waits for the approval too.
alter table approvals add column parent_run_id text collate "C";

-- A call that was given up may still come in, and then its worst case gives way to what it really was. By that time the run's
-- usage may have gone to its parent: the difference has to follow. It is put down here and added in a transaction of its own,
-- since whoever settles a call holds shared budgets, and those are locked after a run's row, never before.
create table usage_differences (
  id bigserial primary key,
  -- The parent.
  run_id text collate "C" not null,
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  output_tokens bigint not null,
  -- null makes the parent's null too.
  cost_micro_usd bigint,
  settled_micro_usd bigint not null,
  unknown_micro_usd bigint not null,
  unknown_tokens bigint not null,
  model_calls integer not null,
  attempts integer not null
);

create function keep_usage_difference() returns trigger language plpgsql as $$
begin
  insert into usage_differences (
    run_id, input_tokens, cached_input_tokens, output_tokens, cost_micro_usd, settled_micro_usd, unknown_micro_usd,
    unknown_tokens, model_calls, attempts
  )
  values (
    new.parent_run_id,
    new.input_tokens - old.input_tokens,
    new.cached_input_tokens - old.cached_input_tokens,
    new.output_tokens - old.output_tokens,
    new.cost_micro_usd - old.cost_micro_usd,
    new.settled_micro_usd - old.settled_micro_usd,
    new.unknown_micro_usd - old.unknown_micro_usd,
    new.unknown_tokens - old.unknown_tokens,
    new.model_calls - old.model_calls,
    new.attempts - old.attempts
  );
  return null;
end
$$;

create trigger runs_after_return after update on runs for each row when (old.returned) execute function keep_usage_difference();
