-- Runs that wait for models, and runs that are resumed after their end.

alter table runs
  -- What the run waits for by itself: `{since, until}`.
  add column models_wait json,
  -- Notices of such waits that are on the record.
  add column models_progress integer not null default 0,
  -- The workflow's state at an end that can be resumed.
  add column kept_state json,
  -- How often it was resumed, and by whom last and on which limits: `{by, limits}`.
  add column resumes integer not null default 0,
  add column resume json;
