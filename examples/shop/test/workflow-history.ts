import type { Client } from '@temporalio/client'

/** Each activity of a run with the line that the Web UI shows beside it, local ones included: `get_order: order_number=L-1`. */
export async function activitySummaries(client: Client, workflowId: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  return (events ?? []).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name
    const local = fromJson<{ activity_type: string }>(
      event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data,
    )?.activity_type
    const name = scheduled ?? local
    if (name === undefined || name === null) return []
    return [`${name}: ${fromJson<string>(event.userMetadata?.summary?.data) ?? ''}`]
  })
}

function fromJson<T>(bytes: Uint8Array | null | undefined): T | null {
  return bytes ? (JSON.parse(Buffer.from(bytes).toString()) as T) : null
}

const PATIENCE_MS = 10_000

/** A workflow's current details, as the Web UI shows them, once they match: the store knows of a step a moment before the workflow does. */
export async function currentDetails(client: Client, workflowId: string, pattern: RegExp): Promise<string> {
  const handle = client.workflow.getHandle(workflowId)
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const { currentDetails: details } = await handle.query<{ currentDetails: string }>(
      '__temporal_workflow_metadata',
    )
    if (pattern.test(details)) return details
    if (Date.now() > end) throw new Error(`The details never matched ${pattern}:\n${details}`)
  }
}
