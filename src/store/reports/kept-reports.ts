import type { DailyReport } from '../../contracts/reports/report.ts'
import { REPORTS } from '../../policies/operations/reports.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'

/** The shape of a kept report. It goes up when a field is added: reports of an older shape are made again when somebody wants them. */
const FORMAT = 2

/** Of a row of `daily_reports`: it has today's shape, and no attempt of its day was settled since. Takes `:format` and `:commit_ms`. */
export const IS_CURRENT = `(
    report.format = :format and not exists (
      select from model_attempts as attempt
      where attempt.tenant = report.tenant and attempt.day = report.day
        and attempt.ended_at > report.made_at - :commit_ms::integer * interval '1 millisecond'
    )
  )`

/** The values of {@link IS_CURRENT}. */
export const CURRENT = { format: FORMAT, commit_ms: REPORTS.commitMs }

const FIND = unprepared(`
  select report.report, report.made_at as "madeAt" from daily_reports as report
  where report.tenant = :tenant and report.day = :day::date and ${IS_CURRENT}`)

const KEEP = unprepared(`
  insert into daily_reports as kept (tenant, day, format, report, made_at)
  values (:tenant, :day, :format, :report, :made_at)
  on conflict (tenant, day) do update
    set format = excluded.format, report = excluded.report, made_at = excluded.made_at
    where kept.made_at <= excluded.made_at`)

/** The kept report of a day; null where none is kept, or where a call of that day was settled since it was made. */
export async function findCurrentReport(db: Db, tenant: string, day: string): Promise<DailyReport | null> {
  const [row] = await db.query<{ report: Omit<DailyReport, 'madeAt'>; madeAt: string }>(
    FIND.with({ tenant, day, ...CURRENT }),
  )
  return row === undefined ? null : { ...row.report, madeAt: row.madeAt }
}

/** Keeps the report of a day that is over, unless a newer one is kept. */
export async function keepReport(db: Db, report: DailyReport): Promise<void> {
  const { madeAt, ...rest } = report
  const { tenant, day } = report
  await db.query(KEEP.with({ tenant, day, format: FORMAT, report: storableJson(rest), made_at: madeAt }))
}
