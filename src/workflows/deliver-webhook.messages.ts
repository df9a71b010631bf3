import type { DeliveryRound } from '../contracts/webhooks/delivery.ts'

/** Name of the workflow, as it stands in histories. */
export const DELIVER_WEBHOOK = 'deliverWebhook'
export type DeliverWebhookWorkflow = (delivery: DeliveryRound) => Promise<void>
