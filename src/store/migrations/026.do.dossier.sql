-- What went over the wire to providers and came back, so that a run can be read afterwards as it was. It is written beside the run's
-- own statements and decides nothing: a run is the same without it.

-- Parts of requests, each stored once for its run: a growing conversation begins anew in every request.
create table wire_parts (
  run_id text collate "C" not null,
  -- Of the body, base64url; with an `r` before it where the body is a list.
  sha256 text collate "C" not null,
  tenant text not null,
  -- A list, in JSON: a string is text, and `[hash]` another part. Otherwise the body is the text itself.
  is_rope boolean not null,
  body text not null,
  primary key (run_id, sha256)
);

-- One HTTP request of an attempt: an attempt has several where a server refused a parameter, or an answer in the background was read on.
create table wire_exchanges (
  run_id text collate "C" not null,
  step integer not null,
  hop integer not null,
  attempt integer not null,
  id bigint generated always as identity,
  tenant text not null,
  -- What it was asked for: `answer`, `classifier`, `summary` or `embedding`.
  purpose text not null,
  method text not null,
  url text not null,
  -- Those that are on the list of `kept-headers.ts`. Never a key.
  request_headers json not null,
  answer_headers json not null,
  -- As in `wire_parts` with `is_rope`; null where there was no body, or one too large to be kept.
  request text,
  request_bytes bigint not null,
  -- null: no answer came.
  status integer,
  -- The body's beginning, gzip; `answer_bytes` is the length of all that came.
  answer bytea,
  answer_kept_bytes bigint not null,
  answer_bytes bigint not null,
  -- The body was read to its end.
  is_whole boolean not null,
  began_at timestamptz(3) not null,
  -- From the request to the answer's head, to the first byte of its body, and to its end; null for what never came.
  head_ms integer,
  first_byte_ms integer,
  took_ms integer not null,
  primary key (run_id, step, hop, attempt, id)
);
-- It is gzip already.
alter table wire_exchanges alter column answer set storage external;

-- In place of foreign keys: their checks would lock the run's row for each part.
create function forget_dossier() returns trigger language plpgsql as $$
begin
  delete from wire_exchanges where run_id = old.id;
  delete from wire_parts where run_id = old.id;
  return null;
end
$$;

create trigger runs_after_delete after delete on runs for each row execute function forget_dossier();
