-- What tools find out about a call before it may be made: its facts, and who may decide about it.

alter table tool_calls
  -- Whether the principal had not had the tool succeed before, where a rule asks.
  add column first_time boolean;

-- A row for the call as the model made it, and one for each way in which a person wanted it changed. What stands here is not
-- looked up again, so that what is approved, what is made and what rules have looked at are the same.
create table call_look_ups (
  run_id text collate "C" not null,
  step integer not null,
  index integer not null,
  arguments_sha256 text not null,
  tenant text not null,
  -- Tries, and those of them that the tool has failed.
  begun integer not null default 0,
  failed integer not null default 0,
  facts json,
  -- {"principals": […], "groups": […]}
  approvers json,
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (run_id, step, index, arguments_sha256)
);

alter table approvals
  add column facts json,
  -- What a decision repeats; null where it is the hash of the arguments.
  add column decision_sha256 text,
  -- People who may decide beside the groups in `approvers`.
  add column principals text[] not null default '{}';
