import type { RecordedCredential } from '../../contracts/access/credential.ts'
import type { WebhookId } from '../../contracts/webhooks/webhook.ts'
import { WEBHOOK_LIMITS } from '../../policies/operations/webhooks.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'
import { IS_LIVE } from './webhook-row.ts'

/*
 *   webhook    the locked row, so that two rotations take turns
 *   kept       the secrets that go on signing for a while, the newest
 *   expiring   says until when
 *   removed    those that sign no more
 */
const ROTATE = unprepared(`
  with webhook as (select id from webhooks where id = :id and tenant = :tenant for update),
  kept as (
    select secret.id from webhook_secrets as secret
    where secret.webhook_id = (select id from webhook) and ${IS_LIVE} and :overlap_ms > 0
    order by secret.id desc limit ${WEBHOOK_LIMITS.secrets - 1}
  ),
  expiring as (
    update webhook_secrets
    set expires_at = least(coalesce(expires_at, 'infinity'), now() + :overlap_ms * interval '1 millisecond')
    where webhook_id = (select id from webhook) and id in (select id from kept)
  ),
  removed as (
    delete from webhook_secrets
    where webhook_id = (select id from webhook) and id not in (select id from kept)
  )
  insert into webhook_secrets (webhook_id, secret, created_by) select id, :secret, :by::jsonb from webhook returning webhook_id`)

export interface Rotation {
  readonly tenant: string
  readonly id: WebhookId
  readonly secret: string
  /** How long the secrets from before go on signing. */
  readonly overlapMs: number
  /** Who is told the new secret. */
  readonly by: RecordedCredential | null
}

/** Gives a webhook another secret. False where the tenant has no such webhook. */
export async function rotateSecret(
  db: Db,
  { tenant, id, secret, overlapMs, by }: Rotation,
): Promise<boolean> {
  const values = { tenant, id, secret, overlap_ms: overlapMs, by: by && storableJson(by) }
  return (await db.query(ROTATE.with(values))).length > 0
}
