import type { Webhook } from '../../contracts/webhooks/webhook.ts'
import type { WebhookResource } from './webhook.schema.ts'

export function toWebhookResource(webhook: Webhook): WebhookResource {
  return {
    id: webhook.id,
    object: 'webhook',
    url: webhook.url,
    events: [...webhook.events],
    run_id: webhook.runId,
    enabled: webhook.disabledAt === null,
    disabled_reason: webhook.disabledFor,
    disabled_at: webhook.disabledAt,
    secrets: webhook.secrets.map(({ createdAt, createdBy, expiresAt }) => ({
      created_at: createdAt,
      created_by: createdBy,
      expires_at: expiresAt,
    })),
    created_by: webhook.createdBy,
    created_at: webhook.createdAt,
    updated_by: webhook.updatedBy,
    updated_at: webhook.updatedAt,
  }
}
