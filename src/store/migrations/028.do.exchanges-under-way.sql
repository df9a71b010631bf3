-- An exchange is written while it is under way, and again once it is over, so that a worker's death does not take the request with it. Both
-- times it has the id that its worker has given it: what is written twice is one row.

alter table wire_exchanges alter column id drop identity;
alter table wire_exchanges
  alter column id type text collate "C" using id::text,
  -- null: nobody has seen its end.
  alter column took_ms drop not null,
  -- The process that made the request, as `processes` has it.
  add column worker text;
