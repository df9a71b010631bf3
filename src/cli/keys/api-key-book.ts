import type { ApiKey as ApiKeyResource } from '../../client/generated.ts'
import { type HoldfastClient, HoldfastError } from '../../client/index.ts'
import { type ApiKey, isGrant } from '../../contracts/access/api-key.ts'
import type { AskApi } from '../store/store-access.ts'
import type { KeyBook } from './key-book.ts'

/** Of the stack's own key. */
const OWN_TENANT = 'default'

/** Keys over the API of a stack that is up. It makes keys of any tenant, and lists, rotates and revokes those of the stack's own. */
export function apiKeyBook(ask: AskApi): KeyBook {
  return {
    async create({ tenant, principal, groups, scopes, expiresAt }) {
      const body = { principal, groups: [...groups], scopes: [...scopes], expires_at: expiresAt }
      const made = await ask(async ({ request }) => {
        if (tenant === OWN_TENANT) return request('POST /v1/keys', { body })
        await createTenant(request, tenant)
        return request('POST /v1/tenants/{id}/keys', { path: { id: tenant }, body })
      })
      return { key: toKey(made), text: made.key }
    },
    async list() {
      return (await ask(({ request }) => request('GET /v1/keys'))).data.map(toKey)
    },
    async rotate(id, oldValidForMs) {
      const body = { old_valid_for_ms: oldValidForMs }
      const rotated = await ask(({ request }) =>
        orNull(request('POST /v1/keys/{id}/rotate', { path: { id }, body })),
      )
      return rotated && { key: toKey(rotated), text: rotated.key }
    },
    async revoke(id) {
      const revoked = await ask(({ request }) => orNull(request('DELETE /v1/keys/{id}', { path: { id } })))
      return revoked && toKey(revoked)
    },
    close: async () => undefined,
  }
}

/** A tenant begins with its first key, as in the store itself. */
async function createTenant(request: HoldfastClient['request'], id: string): Promise<void> {
  try {
    await request('POST /v1/tenants', { body: { id } })
  } catch (error) {
    if (!(error instanceof HoldfastError && error.code === 'tenant_exists')) throw error
  }
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HoldfastError && error.status === 404) return null
    throw error
  }
}

function toKey(resource: ApiKeyResource): ApiKey {
  const { id, tenant, principal, groups, scopes } = resource
  return {
    id,
    tenant,
    principal,
    groups,
    scopes: scopes.filter(isGrant),
    createdAt: resource.created_at,
    createdBy: resource.created_by,
    expiresAt: resource.expires_at,
    oldSecretUntil: resource.old_secret_until,
    lastUsedAt: resource.last_used_at,
    revokedAt: resource.revoked_at,
  }
}
