import { sleep } from '@temporalio/workflow'
import type { AgentRun } from '../../../../src/workflows/agent-run.messages.ts'
import { agentRun as original } from '../../../../src/workflows/agent-run.ts'
import type { DailyReportWorkflow } from '../../../../src/workflows/daily-report.messages.ts'
import { dailyReport as originalReport } from '../../../../src/workflows/daily-report.ts'

/** The workflow after a careless change: it waits a moment first, and no run that is under way has done so. */
export const agentRun: AgentRun = async (input) => {
  await sleep(1)
  return original(input)
}

export const dailyReport: DailyReportWorkflow = async () => {
  await sleep(1)
  return originalReport()
}
