import type { Webhook, WebhookId } from '../../contracts/webhooks/webhook.ts'
import type { Db } from '../../store/database/database.ts'
import { findWebhook } from '../../store/webhooks/webhooks.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'

/** @throws Problem not_found where the caller's tenant has no such webhook */
export async function requireWebhook(db: Db, { tenant }: Principal, id: WebhookId): Promise<Webhook> {
  const found = await findWebhook(db, tenant, id)
  if (found === null) throw new Problem('not_found')
  return found
}
