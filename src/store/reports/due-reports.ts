import { REPORTS } from '../../policies/operations/reports.ts'
import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { CURRENT, IS_CURRENT } from './kept-reports.ts'

/** Steps from each tenant to the next one in the index: there may be many more runs than tenants. */
const TENANTS = unprepared(`
  with recursive seen as (
    (select tenant from runs order by tenant limit 1)
    union all
    select (select runs.tenant from runs where runs.tenant > seen.tenant order by runs.tenant limit 1)
    from seen where seen.tenant is not null
  )
  select tenant from seen where tenant is not null`)

/** Every tenant that has ever had a run. */
export async function findTenants(db: Db): Promise<string[]> {
  return (await db.query<{ tenant: string }>(TENANTS.with({}))).map(({ tenant }) => tenant)
}

/*
 *   zone      the tenant's time zone
 *   past      the last `:catch_up_days` days that are over there
 */
const DUE_DAYS = unprepared(`
  with zone as (
    select coalesce((select time_zone from tenants where tenant = :tenant), 'UTC') as name
  ),
  past as (
    select today.day - n as day, n, zone.name as zone
    from zone, lateral (select (now() at time zone zone.name)::date as day) as today, generate_series(1, :catch_up_days::integer) as n
  )
  select past.day::text as day from past
  where case
    when exists (select from daily_reports as report where report.tenant = :tenant and report.day = past.day) then
      past.n <= :settling_days::integer and not exists (
        select from daily_reports as report where report.tenant = :tenant and report.day = past.day and ${IS_CURRENT}
      )
    else
      exists (select from model_attempts where tenant = :tenant and day = past.day)
      or exists (select from cache_look_ups where tenant = :tenant and day = past.day)
      or exists (
        select from runs where tenant = :tenant and completed_at >= past.day::timestamp at time zone past.zone
          and completed_at < (past.day + 1)::timestamp at time zone past.zone
      )
    end
  order by past.day`)

/**
 * The tenant's days, oldest first, whose report has to be made: they are over and had traffic (calls, looked-up answers or ends of runs),
 * and have no report yet. So has one of the last days where a call was settled after its report was made.
 */
export async function findDueDays(db: Db, tenant: string): Promise<string[]> {
  const { catchUpDays, settlingDays } = REPORTS
  const rows = await db.query<{ day: string }>(
    DUE_DAYS.with({ tenant, catch_up_days: catchUpDays, settling_days: settlingDays, ...CURRENT }),
  )
  return rows.map(({ day }) => day)
}
