import type { ApiKeyResource } from '../../api/access/key.schema.ts'
import type { ApiKey } from '../../contracts/access/api-key.ts'
import { CommandError } from '../command-error.ts'
import type { CallApi } from '../store/api-client.ts'
import type { KeyBook } from './key-book.ts'

type MadeKey = ApiKeyResource & { readonly key: string }

/** Keys over the API of a stack that is up; all are of the tenant that its own key belongs to. */
export function apiKeyBook(call: CallApi): KeyBook {
  return {
    async create({ tenant, principal, groups, scopes, expiresAt }) {
      if (tenant !== 'default')
        throw new CommandError('While the stack is up, keys can be made for the tenant "default" only.')
      const body = { principal, groups, scopes, expires_at: expiresAt }
      const made = await call<MadeKey>('POST', '/v1/keys', body)
      if (made === null) throw new CommandError('The API has no keys to give.')
      return { key: toKey(made), text: made.key }
    },
    async list() {
      const page = await call<{ readonly data: readonly ApiKeyResource[] }>('GET', '/v1/keys')
      return (page?.data ?? []).map(toKey)
    },
    async rotate(id, oldValidForMs) {
      const body = { old_valid_for_ms: oldValidForMs }
      const rotated = await call<MadeKey>('POST', `/v1/keys/${encodeURIComponent(id)}/rotate`, body)
      return rotated && { key: toKey(rotated), text: rotated.key }
    },
    async revoke(id) {
      const revoked = await call<ApiKeyResource>('DELETE', `/v1/keys/${encodeURIComponent(id)}`)
      return revoked && toKey(revoked)
    },
    close: async () => undefined,
  }
}

function toKey(resource: ApiKeyResource): ApiKey {
  const { id, tenant, principal, groups, scopes } = resource
  return {
    id,
    tenant,
    principal,
    groups,
    scopes,
    createdAt: resource.created_at,
    expiresAt: resource.expires_at,
    oldSecretUntil: resource.old_secret_until,
    lastUsedAt: resource.last_used_at,
    revokedAt: resource.revoked_at,
  }
}
