import type { MadeReports } from '../contracts/reports/report.ts'

/** Name of the workflow, as it stands in histories and in the Schedule. */
export const DAILY_REPORT = 'dailyReport'
export type DailyReportWorkflow = () => Promise<MadeReports>
