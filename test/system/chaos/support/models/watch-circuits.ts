import type { Database } from '../../../../../src/store/database/database.ts'

export interface CircuitChange {
  readonly model: string
  readonly state: 'open' | 'closed'
  readonly changes: number
}

const WATCH = `
  create table circuit_changes (provider text not null, model text not null, state text not null);
  create function note_circuit() returns trigger language plpgsql security definer as $$
  begin
    if tg_op = 'INSERT' and new.state = 'closed' or tg_op = 'UPDATE' and new.state = old.state then return null; end if;
    insert into circuit_changes values (new.provider, new.model, new.state);
    return null;
  end
  $$;
  create trigger watch_circuits after insert or update on circuits for each row execute function note_circuit()`

/** Has the database count the fleet's circuits that open and close. The returned function gives what it has counted. */
export async function watchCircuits(database: Database): Promise<() => Promise<CircuitChange[]>> {
  await database.query({ text: WATCH })
  return () =>
    database.query<CircuitChange & object>({
      text: `
        select provider || '/' || model as model, state, count(*)::integer as changes
        from circuit_changes group by 1, 2 order by 1, 2`,
    })
}
