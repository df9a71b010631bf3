import { cancellationSignal } from '@temporalio/activity'
import type { Activities } from '../../contracts/activities.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { AttemptedWebhook, DeliveryRound } from '../../contracts/webhooks/delivery.ts'
import { WEBHOOKS } from '../../policies/operations/webhooks.ts'
import { findDueDelivery, type RunOfDelivery } from '../../store/webhooks/due-delivery.ts'
import { type AttemptOutcome, dropDelivery, recordAttempt } from '../../store/webhooks/record-attempt.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { FactRun } from '../../telemetry/facts.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import type { Dependencies } from '../dependencies.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { createDeliverySlots } from './delivery-slots.ts'
import { spread, waitForNext } from './next-attempt.ts'
import { type Message, toRequest } from './to-request.ts'
import { createWebhookClient, type WebhookAnswer } from './webhook-client.ts'

const NO_OTHER: AttemptedWebhook = { retryAfterMs: null }

/**
 * Makes one attempt of a delivery, signed with the secrets of that moment, and says when the next one is due. What an endpoint answers is
 * no failure of the activity: failures are ours, and are repeated at once.
 *
 * It belongs to no run, so no accepted run says who may call it. What is sent where, and whether that is due, is the store's word alone.
 */
export function createAttemptWebhook({
  database,
  telemetry,
  webhooks = createWebhookClient({ allowedHosts: new Set() }),
  logger,
}: Pick<Dependencies, 'database' | 'telemetry' | 'webhooks' | 'logger'>): Activities['attemptWebhook'] {
  const slots = createDeliverySlots()
  return (delivery) => withHeartbeat(() => attempt(delivery))

  async function attempt({ deliveryId, round }: DeliveryRound): Promise<AttemptedWebhook> {
    const due = await findDueDelivery(database, { deliveryId, round })
    if (due === null) return NO_OTHER
    const { webhook } = due
    if (webhook === null) {
      await dropDelivery(database, { deliveryId, round })
      return NO_OTHER
    }
    if (due.dueInMs > 0) return { retryAfterMs: due.dueInMs }
    using slot = slots.take(due.tenant, webhook.host)
    if (slot === null) return { retryAfterMs: spread(WEBHOOKS.busyMs) }
    // Awaited here, so that the slot is held until the attempt is over.
    return await send({ ...due, deliveryId, round, webhook })
  }

  async function send(message: Message): Promise<AttemptedWebhook> {
    const { deliveryId, round, tenant, webhook, type } = message
    const attempt = message.attempts + 1
    const run = message.run === null ? undefined : runOf(tenant, message.run)
    const sampled = run !== undefined && telemetry.isSampled(run.trace)
    const startedAtMs = Date.now()
    const request = toRequest(message, { atMs: startedAtMs, attempt, run, sampled })
    const answer = await webhooks.post(request, cancellationSignal())
    // Without an answer, since the worker is asked to end: another worker makes the attempt again.
    if ('code' in answer) cancellationSignal().throwIfAborted()
    const durationMs = Date.now() - startedAtMs
    if ('cause' in answer)
      logger.debug({ err: answer.cause, tenant, code: answer.code }, 'no answer to a webhook')

    const { code, httpStatus } = findingOf(answer)
    const retryAfterMs = code === null || code === 'webhook_gone' ? null : waitForNext(attempt, answer)
    const outcome = outcomeOf(code, retryAfterMs)
    await untilStored(() =>
      recordAttempt(database, {
        deliveryId,
        round,
        attemptsBefore: message.attempts,
        outcome,
        retryAfterMs,
        at: new Date(startedAtMs).toISOString(),
        httpStatus,
        code,
        durationMs,
      }),
    )
    telemetry.record({
      type: 'webhook.attempted',
      tenant,
      ...(run !== undefined && { run }),
      webhookId: webhook.id,
      deliveryId,
      event: type,
      round,
      attempt,
      outcome,
      ...(code !== null && { code }),
      ...(httpStatus !== null && { httpStatus }),
      startedAtMs,
      durationMs,
    })
    return { retryAfterMs }
  }
}

function findingOf(answer: WebhookAnswer): { code: ErrorCode | null; httpStatus: number | null } {
  if ('code' in answer) return { code: answer.code, httpStatus: null }
  const { status } = answer
  if (status >= 200 && status < 300) return { code: null, httpStatus: status }
  return { code: status === 410 ? 'webhook_gone' : 'webhook_refused', httpStatus: status }
}

function outcomeOf(code: ErrorCode | null, retryAfterMs: number | null): AttemptOutcome {
  if (code === null) return 'delivered'
  if (code === 'webhook_gone') return 'gone'
  return retryAfterMs === null ? 'failed' : 'retried'
}

function runOf(tenant: string, { runId, principal, ...kept }: RunOfDelivery): FactRun {
  return toFactRun({ runId, tenant, principal, trace: runTraceOf(runId, kept) })
}
