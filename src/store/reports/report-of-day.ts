import type { DailyReport } from '../../contracts/reports/report.ts'
import type { Database, Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { findCurrentReport, keepReport } from './kept-reports.ts'
import { makeReport } from './make-report.ts'

const NAMED_DAYS = ['today', 'yesterday'] as const
type NamedDay = (typeof NAMED_DAYS)[number]

const TODAY = unprepared(`
  select (now() at time zone zone.name)::date::text as today, ((now() at time zone zone.name)::date - 1)::text as yesterday
  from (select coalesce((select time_zone from tenants where tenant = :tenant), 'UTC') as name) as zone`)

/**
 * A tenant's report of a day. The report of a day that is over is kept, and given again until a call of that day is settled after all.
 * The report of a day that is not over is made each time.
 *
 * @param given `YYYY-MM-DD`, `today` or `yesterday`, by the tenant's time zone
 */
export async function reportOfDay(database: Database, tenant: string, given: string): Promise<DailyReport> {
  const day = await dateOf(database, tenant, given)
  const kept = await findCurrentReport(database, tenant, day)
  if (kept !== null) return kept
  const report = await makeReport(database, tenant, day)
  if (report.isOver) await keepReport(database, report)
  return report
}

async function dateOf(db: Db, tenant: string, day: string): Promise<string> {
  const named = NAMED_DAYS.find((name) => name === day)
  if (named === undefined) return day
  const [row] = await db.query<Record<NamedDay, string>>(TODAY.with({ tenant }))
  if (row === undefined) throw new Error('The store did not tell the day.')
  return row[named]
}
