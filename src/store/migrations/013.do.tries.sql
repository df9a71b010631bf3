-- How often others were asked, so that what our own side fails with can be told from it: an attempt of an activity that did not
-- get that far leaves nothing here.

-- The activity that asked: attempts of one activity count together. A hop that is asked anew later is another one's.
alter table model_attempts add column activity text;

alter table tool_calls
  -- Tries that were begun after a claim, and those of all tries that the tool itself has failed.
  add column begun integer not null default 0,
  add column failed integer not null default 0;
