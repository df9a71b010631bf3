import type { Client } from '@temporalio/client'

/** What stands in the histories of some workflows about tasks that did not go well. */
export interface TaskAudit {
  readonly workflowTasksFailed: number
  readonly workflowTasksTimedOut: number
  /** Attempts of activities that were handed back, since their worker was asked to end. */
  readonly handedBack: number
  /** Other attempts that were not the last one, by what Temporal has noted of them. */
  readonly otherRetries: readonly string[]
}

/** Reads the whole history of each workflow. */
export async function auditHistories(client: Client, workflowIds: readonly string[]): Promise<TaskAudit> {
  let workflowTasksFailed = 0
  let workflowTasksTimedOut = 0
  let handedBack = 0
  const otherRetries: string[] = []
  for (const workflowId of workflowIds) {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
    for (const event of events ?? []) {
      if (event.workflowTaskFailedEventAttributes) workflowTasksFailed += 1
      if (event.workflowTaskTimedOutEventAttributes) workflowTasksTimedOut += 1
      const started = event.activityTaskStartedEventAttributes
      const attempts = started?.attempt ?? 1
      if (attempts === 1) continue
      const failure = started?.lastFailure
      const text = `${failure?.message} ${failure?.cause?.message ?? ''}`
      if (text.startsWith('Worker is shutting down')) handedBack += attempts - 1
      else otherRetries.push(`${workflowId}: ${attempts} attempts, the one before: ${text}`)
    }
  }
  return { workflowTasksFailed, workflowTasksTimedOut, handedBack, otherRetries }
}
