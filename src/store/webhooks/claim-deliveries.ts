import type { DeliveryRound } from '../../contracts/webhooks/delivery.ts'
import type { WebhookEvent } from '../../contracts/webhooks/webhook.ts'
import { DISPATCH, WEBHOOKS } from '../../policies/operations/webhooks.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

export interface ClaimedDelivery extends DeliveryRound {
  readonly tenant: string
  readonly host: string
  readonly type: WebhookEvent
}

/*
 *   target    each tenant and host with a queue, one look-up of the index each, however long the queues are
 *   room      how many further first attempts it may have under way
 *   due       the oldest of each queue, as many as there is room for
 *   overdue   those whose workflow is lost, or that no worker has taken up
 */
const CLAIM = statement(
  'claim_deliveries',
  `
  with recursive target as (
    (select tenant, host from webhook_deliveries where status = 'queued' order by tenant, host limit 1)
    union all
    select following.tenant, following.host from target cross join lateral (
      select tenant, host from webhook_deliveries
      where status = 'queued' and (tenant, host) > (target.tenant, target.host)
      order by tenant, host limit 1
    ) as following
  ),
  room as (
    select target.tenant, target.host, ${WEBHOOKS.firstAttempts} - (
      select count(*) from webhook_deliveries as sending
      where sending.status = 'sending' and sending.tenant = target.tenant and sending.host = target.host
    ) as places
    from target
  ),
  due as (
    select queued.id from room cross join lateral (
      select id from webhook_deliveries
      where status = 'queued' and tenant = room.tenant and host = room.host
      order by created_at, id limit greatest(room.places, 0) for update skip locked
    ) as queued
    limit ${DISPATCH.claimed}
  ),
  overdue as (
    select id from webhook_deliveries
    where status in ('sending', 'retrying') and due_at < now() - ${DISPATCH.overdueMs} * interval '1 millisecond'
    order by due_at limit ${DISPATCH.claimed} for update skip locked
  )
  update webhook_deliveries as delivery
  set status = case when delivery.status = 'queued' then 'sending' else delivery.status end, due_at = now()
  from (select id from due union all select id from overdue) as claimed
  where delivery.id = claimed.id
  returning delivery.id as "deliveryId", delivery.round, delivery.tenant, delivery.host, delivery.type`,
)

/**
 * Takes deliveries out of their queues, of which the caller starts the workflows. Two callers at once are given different ones; they may
 * together begin up to twice as many at a host.
 */
export async function claimDeliveries(db: Db): Promise<ClaimedDelivery[]> {
  return db.query<ClaimedDelivery>(CLAIM.with({}))
}

const UNCLAIM = statement(
  'unclaim_delivery',
  `
  update webhook_deliveries set status = 'queued', due_at = null
  where id = :id and round = :round and status = 'sending' and attempts = 0`,
)

/** Puts a delivery back whose workflow could not be started. */
export async function unclaimDelivery(db: Db, { deliveryId, round }: DeliveryRound): Promise<void> {
  await db.query(UNCLAIM.with({ id: deliveryId, round }))
}
