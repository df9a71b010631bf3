import { patched, sleep } from '@temporalio/workflow'
import type { AgentRun } from '../../../../src/workflows/agent-run.messages.ts'
import { agentRun as original } from '../../../../src/workflows/agent-run.ts'
import type { DailyReportWorkflow } from '../../../../src/workflows/daily-report.messages.ts'
import { dailyReport as originalReport } from '../../../../src/workflows/daily-report.ts'

/** The same change, made so that runs under way go on as they began. */
export const agentRun: AgentRun = async (input) => {
  if (patched('wait-a-moment')) await sleep(1)
  return original(input)
}

export const dailyReport: DailyReportWorkflow = async () => {
  if (patched('wait-a-moment')) await sleep(1)
  return originalReport()
}
