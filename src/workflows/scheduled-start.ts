import { workflowInfo } from '@temporalio/workflow'
import { activity } from './proxies.ts'
import { SCHEDULED_TIME, type ScheduledStartWorkflow } from './scheduled-start.messages.ts'

/**
 * Notes that a schedule's time has come. The run is started by an API, as any other, and by its plans of then: this workflow does not wait for
 * it, and whether it may begin beside the run before is decided in the store.
 */
export const scheduledStart: ScheduledStartWorkflow = ({ scheduleId }) => {
  const { typedSearchAttributes, startTime } = workflowInfo()
  const at = (typedSearchAttributes.get(SCHEDULED_TIME) ?? startTime).toISOString()
  return activity('noteDueStart', `the start of ${at} is due`).noteDueStart({ scheduleId, at })
}
