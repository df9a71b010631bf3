/** The role that statements for a tenant run as. Policies hold for it, and for nobody else. */
export const TENANT_ROLE = 'holdfast_tenant'

/**
 * Makes the role where that may be done, and lets it use the tables, those of new migrations too. Where it may not be done the schema is
 * as good as ever: whoever may can do it later, and processes that are started then find it.
 *
 * Roles are those of the whole server, so that another database's migration may make it at the same time.
 */
export const LET_TENANTS_IN = `
do $$
declare
  item regclass;
begin
  if not exists (select from pg_roles where rolname = '${TENANT_ROLE}') then
    begin
      create role ${TENANT_ROLE} nologin;
      grant ${TENANT_ROLE} to current_user;
    exception when duplicate_object or unique_violation then
      null;
    end;
  end if;
  if not pg_has_role('${TENANT_ROLE}', 'member') then
    grant ${TENANT_ROLE} to current_user;
  end if;
  if not has_schema_privilege('${TENANT_ROLE}', current_schema(), 'usage') then
    execute format('grant usage on schema %I to ${TENANT_ROLE}', current_schema());
  end if;
  for item in
    select oid from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'v') and pg_has_role(relowner, 'usage')
      -- Not the lists of migrations.
      and left(relname, 9) <> 'holdfast_' and not has_table_privilege('${TENANT_ROLE}', oid, 'delete')
  loop
    execute format('grant select, insert, update, delete on %s to ${TENANT_ROLE}', item);
  end loop;
exception when insufficient_privilege then
  null;
end
$$`
