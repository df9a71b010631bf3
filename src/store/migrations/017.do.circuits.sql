-- The circuit breakers that all workers share: one for each model that any of them has found failing.

create table circuits (
  provider text not null,
  model text not null,
  -- An open circuit is half-open from `probe_at` on.
  state text not null check (state in ('closed', 'open')),
  -- Counts the changes that workers have to know of.
  version bigint not null default 1,
  -- Counts the times that the circuit was opened: the end of a probe counts in the round in which it began.
  round bigint not null default 0,
  opened_at timestamptz(3),
  closed_at timestamptz(3),
  probe_at timestamptz(3),
  -- How often it has opened without having been closed for long.
  openings integer not null default 0,
  -- Why it was opened last, and what the worker that opened it had counted.
  code text,
  failures integer not null default 0,
  calls integer not null default 0,
  -- Probes under way, each with the time until which it counts.
  probes jsonb not null default '{}',
  -- Probes of this round that were answered.
  answered integer not null default 0,
  -- Set by an operator, it comes before everything else.
  forced text check (forced in ('open', 'closed')),
  forced_by text,
  forced_at timestamptz(3),
  -- When runs that wait for models were last signalled.
  woken_at timestamptz(3),
  primary key (provider, model)
);

-- Workers at which a circuit is open. A report counts for some seconds, and is repeated for as long.
create table circuit_reports (
  provider text not null,
  model text not null,
  worker text not null,
  code text not null,
  failures integer not null,
  calls integer not null,
  reported_at timestamptz(3) not null default clock_timestamp(),
  primary key (provider, model, worker)
);

create function tell_circuit() returns trigger language plpgsql as $$
begin
  perform pg_notify('holdfast_circuit', '');
  return null;
end
$$;

create trigger circuits_added after insert on circuits for each row execute function tell_circuit();
create trigger circuits_changed after update on circuits for each row
  when (old.version <> new.version) execute function tell_circuit();

alter table runs
  -- When the run was last signalled that a model it waits for may be back.
  add column models_woken_at timestamptz(3);

create index runs_waiting_for_models on runs (id) where models_wait is not null and completed_at is null;
