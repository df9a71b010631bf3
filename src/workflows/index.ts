/** All that the workflow bundle holds. One line a workflow. */
export { agentRun } from './agent-run.ts'
export { dailyReport } from './daily-report.ts'
export { deliverWebhook } from './deliver-webhook.ts'
export { scheduledStart } from './scheduled-start.ts'
