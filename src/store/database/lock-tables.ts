/**
 * Takes every table of the schema that is ours, the application's among them: that of runs first, where nearly all transactions begin. Out of
 * time it fails as a lock that waits too long does.
 */
export const LOCK_TABLES = `
do $$
declare
  tables text;
begin
  select string_agg(oid::regclass::text, ', ' order by relname <> 'runs') into tables from pg_class
  where relnamespace = current_schema()::regnamespace and relkind = 'r' and pg_has_role(relowner, 'usage');
  if tables is not null then
    execute format('lock table %s in access exclusive mode', tables);
  end if;
exception when query_canceled then
  raise exception 'other transactions are at the tables' using errcode = 'lock_not_available';
end
$$`
