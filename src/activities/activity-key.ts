import { activityInfo } from '@temporalio/activity'

/** Names the current activity: the same for each of its attempts, and for no other activity. */
export function attemptsName(): string {
  const { workflowExecution, activityId } = activityInfo()
  return `${workflowExecution?.runId ?? ''}/${activityId}`
}
