import type { Database } from '../../../../src/store/database/database.ts'

/**
 * Puts a clock of the test's own in the place of the database's: statements find its `clock_timestamp` before that of Postgres. For
 * PGlite, whose one connection keeps the path.
 *
 * @returns sets the clock to so many milliseconds after its beginning
 */
export async function useDatabaseClock(database: Database): Promise<(ms: number) => Promise<void>> {
  for (const text of [
    'create schema virtual',
    'create table virtual.clock as select 0::double precision as ms',
    `create function virtual.clock_timestamp() returns timestamptz language sql volatile as
      $$ select timestamptz '2026-12-01' + ms * interval '1 millisecond' from virtual.clock $$`,
    'set search_path = virtual, pg_catalog, public',
  ])
    await database.query({ text })
  return async (ms) => {
    await database.query({ name: 'set_clock', text: 'update virtual.clock set ms = $1', values: [ms] })
  }
}
