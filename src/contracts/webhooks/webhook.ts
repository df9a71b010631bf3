import type { RecordedCredential } from '../access/credential.ts'
import type { RunId } from '../runs/run.ts'

/** `whk_` and 26 characters. The webhook of a run has those of the run. */
export type WebhookId = `whk_${string}`

/** Names the webhook and what it is told of, so that nothing is delivered twice under two ids. */
export type DeliveryId = `whd_${string}`

/** What the webhook of a run can be told of. */
export const RUN_WEBHOOK_EVENTS = [
  'run.completed',
  'run.incomplete',
  'run.failed',
  'run.cancelled',
  'run.expired',
  'run.requires_action',
  'budget.threshold',
] as const

/** What the webhook of a tenant can be told of. */
export const WEBHOOK_EVENTS = [...RUN_WEBHOOK_EVENTS, 'report.daily'] as const
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** `gone`: the endpoint has answered 410. `caller`: somebody has switched it off. */
export type DisabledFor = 'gone' | 'caller'

/** A secret without its text. Times are RFC 3339. */
export interface WebhookSecret {
  readonly createdAt: string
  /** Who has been told its text: made or chosen by it. null as in {@link Webhook.createdBy}. */
  readonly createdBy: RecordedCredential | null
  /** null for the one that no other has taken the place of. */
  readonly expiresAt: string | null
}

export interface Webhook {
  readonly id: WebhookId
  readonly tenant: string
  /** The run that it was given with, whose events alone it gets; null: the events of all of its tenant's runs. */
  readonly runId: RunId | null
  readonly url: string
  readonly events: readonly WebhookEvent[]
  /** null: made by a build that kept none, or where nobody is asked for a credential. */
  readonly createdBy: RecordedCredential | null
  readonly createdAt: string
  /** The last to have changed its URL, its events or whether it is enabled; null where nobody has, and as in `createdBy`. */
  readonly updatedBy: RecordedCredential | null
  readonly updatedAt: string
  readonly disabledAt: string | null
  readonly disabledFor: DisabledFor | null
  /** Those that sign, the newest first. */
  readonly secrets: readonly WebhookSecret[]
}
