import { csvOf } from '../http/csv.ts'
import type { DailyReportResource } from './report.schema.ts'

/**
 * The spend of a report as CSV (RFC 4180), for a spreadsheet: the total, and a line for each agent, model and principal. Days and tenants
 * can be put below each other. The line of all keys beyond the rows has an empty key.
 */
export function reportCsv(report: DailyReportResource): string {
  const { tenant, day, total } = report
  const columns = Object.keys(total) as (keyof typeof total)[]
  const line = (by: string, key: string, spend: typeof total) => [
    tenant,
    day,
    by,
    key,
    ...columns.map((column) => spend[column]),
  ]
  const breakdowns = [
    ['agent', report.by_agent],
    ['model', report.by_model],
    ['principal', report.by_principal],
  ] as const
  return csvOf([
    ['tenant', 'day', 'by', 'key', ...columns],
    line('total', '', total),
    ...breakdowns.flatMap(([by, { rows, others }]) => [
      ...rows.map((row) => line(by, row.key, row)),
      ...(others === null ? [] : [line(by, '', others)]),
    ]),
  ])
}
