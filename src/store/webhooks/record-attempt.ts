import type { DeliveryAttempt, DeliveryRound } from '../../contracts/webhooks/delivery.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { WEBHOOK_CHANNEL } from './webhook-notices.ts'

/** What becomes of a delivery after an attempt. `gone` also disables the webhook. */
export type AttemptOutcome = 'delivered' | 'retried' | 'failed' | 'gone'

export interface RecordAttempt extends DeliveryRound, DeliveryAttempt {
  /** How many attempts of the round were recorded before: a repeated record changes nothing. */
  readonly attemptsBefore: number
  readonly outcome: AttemptOutcome
  /** null where no other attempt follows. */
  readonly retryAfterMs: number | null
}

const RECORD = statement(
  'record_webhook_attempt',
  `
  with recorded as (
    update webhook_deliveries set
      attempts = attempts + 1,
      status = :status,
      due_at = now() + :retry_after_ms::float8 * interval '1 millisecond',
      ended_at = case when :retry_after_ms::float8 is null then now() end
    where id = :id and round = :round and attempts = :attempts_before and status in ('sending', 'retrying')
    returning id, webhook_id, round, attempts
  ),
  attempt_added as (
    insert into webhook_attempts (delivery_id, round, attempt, at, http_status, code, duration_ms)
    select id, round, attempts, :at, :http_status, :code, :duration_ms from recorded
  ),
  disabled as (
    update webhooks set disabled_at = now(), disabled_for = 'gone'
    from recorded where webhooks.id = recorded.webhook_id and webhooks.disabled_at is null and :outcome = 'gone'
  )
  select pg_notify('${WEBHOOK_CHANNEL}', '') from recorded`,
)

const STATUS_AFTER = {
  delivered: 'delivered',
  retried: 'retrying',
  failed: 'failed',
  gone: 'failed',
} as const satisfies Record<AttemptOutcome, string>

/** False where the attempt was recorded before, or the delivery goes on in a later round. */
export async function recordAttempt(db: Db, record: RecordAttempt): Promise<boolean> {
  const { deliveryId, round, attemptsBefore, outcome, retryAfterMs, at, httpStatus, code, durationMs } =
    record
  const recorded = await db.query(
    RECORD.with({
      id: deliveryId,
      round,
      attempts_before: attemptsBefore,
      status: STATUS_AFTER[outcome],
      outcome,
      retry_after_ms: retryAfterMs,
      at,
      http_status: httpStatus,
      code,
      duration_ms: durationMs,
    }),
  )
  return recorded.length > 0
}

const DROP = statement(
  'drop_delivery',
  `
  update webhook_deliveries set status = 'dropped', due_at = null, ended_at = now()
  where id = :id and round = :round and status in ('sending', 'retrying')`,
)

/** Ends a delivery whose webhook is disabled or deleted. */
export async function dropDelivery(db: Db, { deliveryId, round }: DeliveryRound): Promise<void> {
  await db.query(DROP.with({ id: deliveryId, round }))
}
