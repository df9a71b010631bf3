import type { WebhookEvent } from '../../../../src/contracts/webhooks/webhook.ts'
import { WEBHOOK_EVENTS } from '../../../../src/contracts/webhooks/webhook.ts'
import { newId } from '../../../../src/security/new-id.ts'
import { newWebhookSecret } from '../../../../src/security/webhooks/webhook-signature.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { insertWebhook, type NewWebhook } from '../../../../src/store/webhooks/webhooks.ts'

/** A webhook of the tenant `acme` that is told everything. */
export async function putWebhook(
  database: Database,
  given: Partial<NewWebhook> & { readonly events?: readonly WebhookEvent[] } = {},
): Promise<NewWebhook> {
  const webhook: NewWebhook = {
    id: newId('whk'),
    tenant: 'acme',
    runId: null,
    url: 'https://hooks.example/',
    host: 'hooks.example:443',
    events: WEBHOOK_EVENTS,
    secret: newWebhookSecret(),
    createdBy: { type: 'key', id: 'kkkkkkkkkkkk', principal: 'ann' },
    ...given,
  }
  if (!(await insertWebhook(database, webhook))) throw new Error('the tenant has too many webhooks')
  return webhook
}
