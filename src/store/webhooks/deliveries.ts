import type { Delivery, DeliveryAttempt, DeliveryStatus } from '../../contracts/webhooks/delivery.ts'
import type { DeliveryId, WebhookId } from '../../contracts/webhooks/webhook.ts'
import { WEBHOOK_LIMITS } from '../../policies/operations/webhooks.ts'
import type { Db, Statement } from '../database/database.ts'
import { equalTo, newestFirst } from '../database/page.ts'
import { unprepared } from '../database/statement.ts'
import { WEBHOOK_CHANNEL } from './webhook-notices.ts'
import { plainTime } from './webhook-row.ts'

const COLUMNS = `
  id, webhook_id as "webhookId", type, run_id as "runId", to_char(day, 'YYYY-MM-DD') as day, happened_at as "happenedAt", status,
  case when status = 'retrying' then due_at end as "nextAttemptAt", created_at as "createdAt", ended_at as "endedAt",
  (
    select coalesce(
      json_agg(
        json_build_object('at', at, 'httpStatus', http_status, 'code', code, 'durationMs', duration_ms)
        order by round desc, attempt desc
      ), '[]'
    )
    from (
      select * from webhook_attempts where delivery_id = webhook_deliveries.id
      order by round desc, attempt desc limit ${WEBHOOK_LIMITS.attemptsShown}
    ) as latest
  ) as attempts`

export interface DeliveryFilter {
  readonly tenant: string
  readonly webhookId: WebhookId
  readonly status?: DeliveryStatus
  readonly limit: number
  /** The last delivery of the page before. */
  readonly before?: { readonly createdAt: string; readonly id: string }
}

/** Newest first: up to one more than `limit`, by which the caller tells whether there are more. */
export async function listDeliveries(
  db: Db,
  { tenant, webhookId, status, limit, before }: DeliveryFilter,
): Promise<Delivery[]> {
  const { where, order, values } = newestFirst({
    timeColumn: 'created_at',
    filters: [equalTo({ tenant, webhook_id: webhookId, status })],
    before: before && [before.createdAt, before.id],
  })
  const list = `select ${COLUMNS} from webhook_deliveries where ${where} order by ${order} limit :limit`
  return select(db, unprepared(list).with({ ...values, limit: limit + 1 }))
}

const REDELIVER = unprepared(`
  with queued as (
    update webhook_deliveries set status = 'queued', round = round + 1, attempts = 0, due_at = null, ended_at = null
    where id = :id and webhook_id = :webhook_id and tenant = :tenant
    returning *
  )
  select ${COLUMNS.replaceAll('webhook_deliveries.', 'queued.')}, pg_notify('${WEBHOOK_CHANNEL}', '') from queued`)

export interface Redelivery {
  readonly tenant: string
  readonly webhookId: WebhookId
  readonly id: DeliveryId
}

/** Queues a delivery again, under its id, whether it has ended or waits for an attempt. null where the webhook has no such delivery. */
export async function redeliver(db: Db, { tenant, webhookId, id }: Redelivery): Promise<Delivery | null> {
  const [delivery] = await select(db, REDELIVER.with({ tenant, webhook_id: webhookId, id }))
  return delivery ?? null
}

async function select(db: Db, statement: Statement): Promise<Delivery[]> {
  const rows = await db.query<Delivery & { readonly pg_notify?: unknown }>(statement)
  return rows.map(({ pg_notify: _notified, ...row }) => ({
    ...row,
    attempts: row.attempts.map(withPlainTime),
  }))
}

function withPlainTime(attempt: DeliveryAttempt): DeliveryAttempt {
  return { ...attempt, at: plainTime(attempt.at) }
}
