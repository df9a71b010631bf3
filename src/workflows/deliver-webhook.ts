import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow'
import type { DeliverWebhookWorkflow } from './deliver-webhook.messages.ts'
import { activity } from './proxies.ts'

/** Attempts a delivery until an attempt says that none follows: it has arrived, was refused for good, or was tried for days. */
export const deliverWebhook: DeliverWebhookWorkflow = async (delivery) => {
  const { attemptWebhook } = activity('attemptWebhook', delivery.deliveryId)
  for (;;) {
    const { retryAfterMs } = await attemptWebhook(delivery)
    if (retryAfterMs === null) return
    await sleep(retryAfterMs, { summary: 'until the next attempt' })
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<DeliverWebhookWorkflow>(delivery)
  }
}
