import { activityInfo } from '@temporalio/activity'

/** Identifies the current activity: the key is the same for all of its attempts, and no other activity has it. */
export function activityKey(): string {
  const { workflowExecution, activityId } = activityInfo()
  return `${workflowExecution?.runId ?? ''}/${activityId}`
}
