import { AGENT_RUN } from './agent-run.messages.ts'
import { DAILY_REPORT } from './daily-report.messages.ts'
import { DELIVER_WEBHOOK } from './deliver-webhook.messages.ts'
import { SCHEDULED_START } from './scheduled-start.messages.ts'

/** Every workflow of the bundle, by its type. */
export const WORKFLOW_TYPES = [AGENT_RUN, DAILY_REPORT, DELIVER_WEBHOOK, SCHEDULED_START] as const
