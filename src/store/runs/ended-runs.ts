import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

export interface EndedRuns {
  readonly tenants: readonly string[]
  readonly after: string
  readonly before: string
  readonly limit: number
}

const FIND_ENDED = unprepared(`
  select ${RUN_COLUMNS} from runs
  where tenant = any (:tenants)
    and completed_at > :after::timestamptz and completed_at < :before::timestamptz
  order by completed_at desc limit :limit`)

/** Runs that ended between two times, the latest first. */
export async function findEndedRuns(db: Db, ended: EndedRuns): Promise<RunRow[]> {
  return (await db.query<RunColumns>(FIND_ENDED.with({ ...ended }))).map(toRunRow)
}
