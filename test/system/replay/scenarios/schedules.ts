import {
  SCHEDULED_START,
  type ScheduledStartWorkflow,
} from '../../../../src/workflows/scheduled-start.messages.ts'
import type { OtherScenario } from './scenario.ts'

export const schedules: Readonly<Record<string, OtherScenario>> = {
  'start-noted': {
    since: '0.4.0',
    shows: "notes that a schedule's time has come",
    workflow: SCHEDULED_START,
    async play({ environment: { temporal } }) {
      const { client, taskQueue } = temporal
      const workflowId = `${taskQueue}-scheduled-start`
      const args: Parameters<ScheduledStartWorkflow> = [{ scheduleId: 'sch_00000000000000000000000000' }]
      await client.workflow.execute<ScheduledStartWorkflow>(SCHEDULED_START, { workflowId, taskQueue, args })
      return { workflowId }
    },
  },
}
