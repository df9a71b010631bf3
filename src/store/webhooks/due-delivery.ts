import type { RunId } from '../../contracts/runs/run.ts'
import type { DeliveryRound } from '../../contracts/webhooks/delivery.ts'
import type { WebhookEvent, WebhookId } from '../../contracts/webhooks/webhook.ts'
import { WEBHOOK_LIMITS } from '../../policies/operations/webhooks.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { millisOf } from '../database/time-columns.ts'
import { IS_LIVE } from './webhook-row.ts'

/** A delivery that has not ended, with what is needed to attempt it. */
export interface DueDelivery {
  readonly tenant: string
  readonly type: WebhookEvent
  readonly day: string | null
  readonly happenedAt: string
  /** Of this round. */
  readonly attempts: number
  /** 0 or less: now. */
  readonly dueInMs: number
  /** null where it is disabled, or deleted. */
  readonly webhook: { readonly id: WebhookId; readonly url: string; readonly host: string } | null
  /** The newest first. */
  readonly secrets: readonly string[]
  /** The run that it tells of; null for a report. */
  readonly run: RunOfDelivery | null
}

/** A run, with what the store keeps of its trace. */
export interface RunOfDelivery {
  readonly runId: RunId
  readonly principal: string
  readonly traceId: string | null
  readonly callerSpanId: string | null
  readonly traceSampled: boolean | null
  readonly resumes: number
}

const FIND = statement(
  'find_due_delivery',
  `
  select delivery.tenant, delivery.type, to_char(delivery.day, 'YYYY-MM-DD') as day, delivery.happened_at as "happenedAt",
    delivery.attempts, ${millisOf('delivery.due_at - now()')} as "dueInMs",
    case when webhook.id is not null then
      json_build_object('id', webhook.id, 'url', webhook.url, 'host', webhook.host)
    end as webhook,
    array(
      select secret.secret from webhook_secrets as secret
      where secret.webhook_id = webhook.id and ${IS_LIVE}
      order by secret.id desc limit ${WEBHOOK_LIMITS.secrets}
    ) as secrets,
    case when runs.id is not null then
      json_build_object(
        'runId', runs.id, 'principal', runs.principal, 'traceId', runs.trace_id, 'callerSpanId', runs.caller_span_id,
        'traceSampled', runs.trace_sampled, 'resumes', runs.resumes
      )
    end as run
  from webhook_deliveries as delivery
  left join webhooks as webhook on webhook.id = delivery.webhook_id and webhook.disabled_at is null
  left join runs on runs.id = delivery.run_id
  where delivery.id = :id and delivery.round = :round and delivery.status in ('sending', 'retrying')`,
)

/** null where the delivery has ended, waits in its queue, or goes on in a later round. */
export async function findDueDelivery(
  db: Db,
  { deliveryId, round }: DeliveryRound,
): Promise<DueDelivery | null> {
  const [row] = await db.query<DueDelivery>(FIND.with({ id: deliveryId, round }))
  return row ?? null
}
