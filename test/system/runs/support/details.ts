import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'

const PATIENCE_MS = 10_000

/**
 * A workflow's current details, as the Web UI shows them, once they match: the store knows of a step a moment before the
 * workflow does.
 */
export async function detailsOf(client: Client, workflowId: string, pattern: RegExp): Promise<string> {
  const handle = client.workflow.getHandle(workflowId)
  for (const end = Date.now() + PATIENCE_MS; ; await delay(20)) {
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')
    if (pattern.test(currentDetails)) return currentDetails
    if (Date.now() > end) throw new Error(`The details never matched ${pattern}:\n${currentDetails}`)
  }
}
