-- What the office's tools read and change. A call that changes something leaves one row, however often it is made: `times` counts that.
create table office_files (
  key text primary key,
  content text not null
);

insert into office_files (key, content) values
  ('moka', 'A moka pot makes three cups.'),
  ('minutes', repeat('Nothing was decided at this meeting. ', 33));

create table office_notes (
  call_key text primary key,
  run_id text not null,
  content text not null,
  times integer not null default 1
);

create table office_payments (
  call_key text primary key,
  run_id text not null,
  tenant text not null,
  principal text not null,
  groups jsonb not null,
  recipient text not null,
  cents integer not null,
  times integer not null default 1
);
