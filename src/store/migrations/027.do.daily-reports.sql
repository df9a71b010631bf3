-- What a tenant has spent on a day, and what came of it.

create table daily_reports (
  tenant text not null,
  -- The tenant's, and over: a day under way has no row.
  day date not null,
  -- The shape of `report`. A report of another shape is made again.
  format integer not null,
  report json not null,
  -- When the rows were read that it was made of.
  made_at timestamptz(3) not null,
  primary key (tenant, day)
);

-- Runs that were under way at some time of a day: those that had not ended before it.
create index runs_by_end on runs (tenant, completed_at);

-- What the answer would have cost at the most expensive of the models that its agent's chains begin with, less what it did cost. null
-- for an agent without routes, and where a price is not known.
alter table model_attempts add column routing_saved_micro_usd bigint;
