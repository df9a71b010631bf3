import type { ApiKey } from '../../contracts/access/api-key.ts'
import type { ApiKeyResource } from './key.schema.ts'

export function toKeyResource(key: ApiKey): ApiKeyResource {
  return {
    id: key.id,
    object: 'api_key',
    tenant: key.tenant,
    principal: key.principal,
    groups: [...key.groups],
    scopes: [...key.scopes],
    created_at: key.createdAt,
    created_by: key.createdBy,
    expires_at: key.expiresAt,
    old_secret_until: key.oldSecretUntil,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
  }
}
