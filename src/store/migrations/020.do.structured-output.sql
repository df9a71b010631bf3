-- Agents may say what their answer looks like.

alter table runs
  -- The output is JSON that fits the output schema of the agent that gave it.
  add column output_fits boolean not null default false;
