import { hostname } from 'node:os'
import { Connection } from '@temporalio/client'
import { loadConfig } from '../config.ts'

/** A worker renews its poll every minute, whether there is work or not. */
const OLDEST_POLL_MS = 90_000

/**
 * Whether a worker of this host has asked Temporal for work lately. For a container's health check: the process of a worker that hangs,
 * or has lost Temporal, looks well from outside.
 */
export async function isPolling(): Promise<boolean> {
  const { address, namespace, taskQueue, tls, apiKey } = loadConfig().temporal
  if (address === null) return false
  const connection = await Connection.connect({ address, tls, ...(apiKey !== null && { apiKey }) })
  try {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: WORKFLOW_TASKS,
    })
    return (pollers ?? []).some(
      ({ identity, lastAccessTime }) =>
        identity?.endsWith(`@${hostname()}`) &&
        Date.now() - Number(lastAccessTime?.seconds) * 1000 < OLDEST_POLL_MS,
    )
  } finally {
    await connection.close()
  }
}

/** `temporal.api.enums.v1.TaskQueueType` */
const WORKFLOW_TASKS = 1
