-- The entries of runs' metadata, which lists of runs are filtered by. Behind row-level security an index serves a condition only where no
-- function in it can tell of other tenants' rows, which holds for `=` between texts and not for `@>`: such a list read all of its tenant's runs.

create table run_metadata (
  tenant text collate "C" not null,
  key text collate "C" not null,
  value text collate "C" not null,
  -- The run's.
  created_at timestamptz(3) not null,
  run_id text collate "C" not null,
  primary key (tenant, key, value, created_at, run_id)
);
alter table run_metadata enable row level security;
create policy of_tenant on run_metadata
  using (current_user <> 'holdfast_tenant' or tenant = current_setting('holdfast.tenant', true));

-- Beside the row of the run, whoever writes it: processes of the release before as well.
create function keep_run_metadata() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    delete from run_metadata as entry using json_each_text(old.metadata) as before
    where entry.tenant = old.tenant and entry.key = before.key and entry.value = before.value
      and entry.created_at = old.created_at and entry.run_id = old.id;
  end if;
  insert into run_metadata (tenant, key, value, created_at, run_id)
  select new.tenant, key, value, new.created_at, new.id from json_each_text(new.metadata);
  return null;
end
$$;
create trigger runs_metadata_after_insert after insert on runs for each row
  when (new.metadata::text <> '{}') execute function keep_run_metadata();
create trigger runs_metadata_after_update after update of metadata on runs for each row
  when (old.metadata::text <> new.metadata::text) execute function keep_run_metadata();

insert into run_metadata (tenant, key, value, created_at, run_id)
select tenant, entry.key, entry.value, created_at, id from runs, json_each_text(metadata) as entry where metadata::text <> '{}';

drop index runs_by_metadata;
