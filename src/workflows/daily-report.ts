import type { DailyReportWorkflow } from './daily-report.messages.ts'
import { activity } from './proxies.ts'

/** Makes the reports of the days that are over, of all tenants. A Schedule starts it; started by hand it does the same, once more. */
export const dailyReport: DailyReportWorkflow = () =>
  activity('makeDailyReports', 'reports of days that are over').makeDailyReports()
