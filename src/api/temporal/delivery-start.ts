import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import { HTTP } from '../../policies/api.ts'
import type { OutageWatch } from '../../store/database/outage-watch.ts'
import type { ClaimedDelivery } from '../../store/webhooks/claim-deliveries.ts'
import { DELIVER_WEBHOOK, type DeliverWebhookWorkflow } from '../../workflows/deliver-webhook.messages.ts'
import { callTemporal } from './call-temporal.ts'

/** Starts the workflow of a delivery. Does nothing where it runs. Throws Problem `unavailable` where Temporal does not take it. */
export type DeliveryStart = (delivery: ClaimedDelivery) => Promise<void>

/** @param watch is told whether Temporal was there */
export function createDeliveryStart(client: Client, taskQueue: string, watch?: OutageWatch): DeliveryStart {
  return async ({ deliveryId, round, type, host }) => {
    const start = () =>
      client.workflow.start<DeliverWebhookWorkflow>(DELIVER_WEBHOOK, {
        workflowId: `webhook/${deliveryId}${round === 0 ? '' : `/${round}`}`,
        taskQueue,
        args: [{ deliveryId, round }],
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        // A workflow that has ended without an outcome, as by an operator's hand, is started again.
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        // A delivery may take days. Pinned to its build, it would be left behind once that build's workers are gone.
        versioningOverride: 'AUTO_UPGRADE',
        staticSummary: `${type} to ${host}`,
      })
    try {
      await callTemporal(client, HTTP.startTimeoutMs, start, watch)
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
  }
}
