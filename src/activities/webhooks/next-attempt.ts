import { waitAfter } from '../../policies/activities.ts'
import { WEBHOOKS } from '../../policies/operations/webhooks.ts'
import { readRetryAfter } from '../models/failures/retry-after.ts'
import type { WebhookAnswer } from './webhook-client.ts'

/** Statuses whose `Retry-After` is heeded. */
const SAYS_WHEN = [429, 503]

/**
 * The wait before the next attempt; null where the one before was the last. An endpoint may ask for a longer wait than ours.
 *
 * @param attempts those of the round so far
 * @param random from 0 to 1
 */
export function waitForNext(
  attempts: number,
  answer: WebhookAnswer,
  random: () => number = Math.random,
): number | null {
  if (attempts >= WEBHOOKS.attempts) return null
  const own = spread(waitAfter(attempts, WEBHOOKS.backoff), random)
  const asked =
    'status' in answer && SAYS_WHEN.includes(answer.status) && answer.retryAfter !== null
      ? readRetryAfter(new Headers({ 'retry-after': answer.retryAfter }))
      : undefined
  return Math.max(own, Math.min(asked ?? 0, WEBHOOKS.backoff.maximumIntervalMs))
}

/** Around the wait, by up to `WEBHOOKS.jitter` of it. */
export function spread(waitMs: number, random: () => number = Math.random): number {
  return Math.round(waitMs * (1 + WEBHOOKS.jitter * (2 * random() - 1)))
}
