import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'

export type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent

/** Every event of one execution; the latest of the workflow where none is named. */
export async function historyOf(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<readonly HistoryEvent[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
  return events ?? []
}

/** The executions that followed each other under one workflow id, first one first. */
export async function executionsOf(
  client: Client,
  workflowId: string,
  firstRunId: string,
): Promise<string[]> {
  const runIds: string[] = []
  for (let next: string | null | undefined = firstRunId; next; ) {
    runIds.push(next)
    const last: HistoryEvent | undefined = (await historyOf(client, workflowId, next)).at(-1)
    next = last?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId
  }
  return runIds
}

/** As Temporal stores and counts it. */
export function bytesOf(event: HistoryEvent): number {
  return proto.temporal.api.history.v1.HistoryEvent.encode(event).finish().length
}

/** Each activity with the line that the Web UI shows beside it, local ones included: `get_order: order_number=L-1`. */
export function summariesOf(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) => {
    const name = activityOf(event)
    return name === null ? [] : [`${name}: ${textOf(event.userMetadata?.summary?.data)}`]
  })
}

/** The activity that an event schedules, or, for a local one, records the end of. */
export function activityOf(event: HistoryEvent): string | null {
  const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name
  const marker = event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data
  return scheduled ?? (marker ? (JSON.parse(Buffer.from(marker).toString()).activity_type as string) : null)
}

function textOf(json: Uint8Array | null | undefined): string {
  return json ? String(JSON.parse(Buffer.from(json).toString())) : ''
}
