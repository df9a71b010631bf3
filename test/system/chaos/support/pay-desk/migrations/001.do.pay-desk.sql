-- What the pay desk has done, for tests to count: one row for each call that was carried out. An account keeps its own total too,
-- so that a payment that was booked by half shows.

create table desk_accounts (
  tenant text not null,
  name text not null,
  owner text not null,
  paid_cents bigint not null default 0,
  primary key (tenant, name)
);

create table desk_effects (
  tenant text not null,
  call_key text not null,
  run_id text not null,
  tool text not null,
  arguments jsonb not null,
  primary key (tenant, call_key)
);
