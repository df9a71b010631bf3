import type { Database } from '../../../../src/store/database/database.ts'

/** What was written into the store, row by row. */
export interface RecordedWrites {
  /** Rows since it was asked last, as `table: row`. */
  take(): Promise<string[]>
}

/**
 * Records, whatever the writer may do, every row that any statement inserts, changes or deletes, in all tables that there are. That a key was used is left out: it is
 * noted for keys that are refused as well.
 */
export async function recordWrites(database: Database): Promise<RecordedWrites> {
  await database.query({ text: 'create table recorded_writes (what text not null)' })
  await database.query({
    text: `
      create function record_write() returns trigger language plpgsql security definer as $$
      declare
        before_it jsonb := case when tg_op = 'INSERT' then null else to_jsonb(old) - 'last_used_at' end;
        after_it jsonb := case when tg_op = 'DELETE' then null else to_jsonb(new) - 'last_used_at' end;
      begin
        if before_it is distinct from after_it then
          insert into recorded_writes values (tg_table_name || ': ' || coalesce(after_it, before_it)::text);
        end if;
        return null;
      end $$`,
  })
  const tables = await database.query<{ name: string }>({
    text: `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'recorded_writes'`,
  })
  for (const { name } of tables) {
    await database.query({
      text: `create trigger record_write after insert or update or delete on "${name}" for each row execute function record_write()`,
    })
  }
  return {
    take: async () =>
      (await database.query<{ what: string }>({ text: 'delete from recorded_writes returning what' })).map(
        ({ what }) => what,
      ),
  }
}
