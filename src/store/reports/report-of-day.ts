import type { DailyReport } from '../../contracts/reports/report.ts'
import type { Database, Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { findCurrentReport, keepReport } from './kept-reports.ts'
import { makeReport } from './make-report.ts'

/** There is no report of the day: it is still to come. */
export class DayToCome extends Error {
  override readonly name = 'DayToCome'

  constructor(day: string, timeZone: string) {
    super(`${day} is still to come (${timeZone}): there is no report of it.`)
  }
}

interface Present {
  readonly today: string
  readonly yesterday: string
  readonly timeZone: string
}

const PRESENT = unprepared(`
  select (now() at time zone zone.name)::date::text as today, ((now() at time zone zone.name)::date - 1)::text as yesterday,
    zone.name as "timeZone"
  from (select coalesce((select time_zone from tenants where tenant = :tenant), 'UTC') as name) as zone`)

/**
 * A tenant's report of a day. The report of a day that is over is kept, and given again until a call of that day is settled after all.
 * The report of a day that is not over is made each time.
 *
 * @param given `YYYY-MM-DD`, `today` or `yesterday`, by the tenant's time zone
 * @throws DayToCome
 */
export async function reportOfDay(database: Database, tenant: string, given: string): Promise<DailyReport> {
  const present = await findPresent(database, tenant)
  const day = given === 'today' || given === 'yesterday' ? present[given] : given
  if (day > present.today) throw new DayToCome(day, present.timeZone)
  const kept = await findCurrentReport(database, tenant, day)
  if (kept !== null) return kept
  const report = await makeReport(database, tenant, day)
  if (report.isOver) await keepReport(database, report)
  return report
}

async function findPresent(db: Db, tenant: string): Promise<Present> {
  const [row] = await db.query<Present>(PRESENT.with({ tenant }))
  if (row === undefined) throw new Error('The store did not tell the day.')
  return row
}
