import type { Client } from '@temporalio/client'
import { executionsOf, type HistoryEvent, historyOf } from '../../runs/support/history.ts'

/** What a run's histories say about the workers that it was on. */
export interface RunVersions {
  /** The build of each execution's workflow tasks, in order: more than one in an execution would be a run that did not stay. */
  readonly builds: readonly (readonly string[])[]
  readonly failedTasks: number
}

/** Reads every execution of a run, from its first. */
export async function versionsOf(client: Client, workflowId: string): Promise<RunVersions> {
  const [started] = await historyOf(client, workflowId)
  const first = started?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? ''
  const histories = await Promise.all(
    (await executionsOf(client, workflowId, first)).map((runId) => historyOf(client, workflowId, runId)),
  )
  return {
    builds: histories.map((events) => [...new Set(events.flatMap(buildOf))]),
    failedTasks: histories.flat().filter((event) => event.workflowTaskFailedEventAttributes).length,
  }
}

/** The build that a workflow task was completed by; `unversioned` for a worker without versioning. */
function buildOf({ workflowTaskCompletedEventAttributes: task }: HistoryEvent): string[] {
  if (!task) return []
  return [task.deploymentVersion?.buildId || 'unversioned']
}
