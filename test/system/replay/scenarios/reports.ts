import { DAILY_REPORT, type DailyReportWorkflow } from '../../../../src/workflows/daily-report.messages.ts'
import type { OtherScenario } from './scenario.ts'

export const reports: Readonly<Record<string, OtherScenario>> = {
  'reports-made': {
    since: '0.4.0',
    shows: 'makes the daily reports that are due',
    workflow: DAILY_REPORT,
    async play({ environment: { temporal } }) {
      const { client, taskQueue } = temporal
      const workflowId = `${taskQueue}-daily-report`
      await client.workflow.execute<DailyReportWorkflow>(DAILY_REPORT, { workflowId, taskQueue })
      return { workflowId }
    },
  },
}
