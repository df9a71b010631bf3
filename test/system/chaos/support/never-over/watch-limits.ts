import type { Database } from '../../../../../src/store/database/database.ts'

/** A moment at which a budget's counter stood above its limit. */
export interface Passed {
  readonly subject: string
  readonly used: number
  readonly allowed: number
}

const WATCH = `
  create table limits_passed (subject text not null, used bigint not null, allowed bigint not null);
  create function note_passed() returns trigger language plpgsql security definer as $$
  begin
    insert into limits_passed
    select new.subject, now_used, budgets.limit_micro_usd
    from budgets, (select new.spent_micro_usd + new.unknown_micro_usd + new.held_micro_usd as now_used) as counter
    where budgets.tenant = new.tenant and budgets.scope = new.scope and budgets.subject = new.subject
      and budgets.period = new.period and now_used > budgets.limit_micro_usd;
    return null;
  end
  $$;
  create trigger watch_limits after insert or update on budget_windows for each row execute function note_passed()`

/**
 * Has the database itself look at every change of a counter, whoever makes it: at the end something that was too much for a
 * moment would not be seen. The returned function gives what it saw; for budgets of a subject's own.
 */
export async function watchLimits(database: Database): Promise<() => Promise<Passed[]>> {
  await database.query({ text: WATCH })
  return () => database.query<Passed & object>({ text: 'select * from limits_passed' })
}
