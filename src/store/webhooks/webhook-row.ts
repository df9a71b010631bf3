import type { Webhook, WebhookSecret } from '../../contracts/webhooks/webhook.ts'
import type { Db, Statement } from '../database/database.ts'

/** SQL: the secret signs. */
export const IS_LIVE = `(secret.expires_at is null or secret.expires_at > now())`

/** The columns of `webhooks` that {@link selectWebhooks} reads. */
export const WEBHOOK_COLUMNS = `
  webhooks.id, webhooks.tenant, webhooks.run_id as "runId", webhooks.url, webhooks.events, webhooks.created_by as "createdBy",
  webhooks.created_at as "createdAt", webhooks.updated_by as "updatedBy", webhooks.updated_at as "updatedAt", webhooks.disabled_at as "disabledAt", webhooks.disabled_for as "disabledFor",
  (
    select coalesce(
      json_agg(
        json_build_object('createdAt', secret.created_at, 'createdBy', secret.created_by, 'expiresAt', secret.expires_at)
        order by secret.id desc
      ), '[]'
    )
    from webhook_secrets as secret where secret.webhook_id = webhooks.id and ${IS_LIVE}
  ) as secrets`

export async function selectWebhooks(db: Db, statement: Statement): Promise<Webhook[]> {
  return (await db.query<Webhook>(statement)).map(({ secrets, ...row }) => ({
    ...row,
    secrets: secrets.map(withPlainTimes),
  }))
}

/** Times within JSON have the form of the store, and not that of columns. */
function withPlainTimes({ createdAt, expiresAt, ...secret }: WebhookSecret): WebhookSecret {
  return {
    ...secret,
    createdAt: plainTime(createdAt),
    expiresAt: expiresAt === null ? null : plainTime(expiresAt),
  }
}

export function plainTime(time: string): string {
  return new Date(time).toISOString()
}
