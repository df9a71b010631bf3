import type { ApiKey as ApiKeyResource } from '../../client/generated.ts'
import { type HoldfastClient, HoldfastError } from '../../client/index.ts'
import { type ApiKey, isGrant } from '../../contracts/access/api-key.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import type { AskApi } from '../store/store-access.ts'
import type { KeyBook } from './key-book.ts'

/** Keys over an API: those of the tenant whose key asks, and with an operator's key those of a tenant that is named. */
export function apiKeyBook(ask: AskApi): KeyBook {
  return {
    async create({ tenant, principal, groups, scopes, expiresAt }) {
      const body = { principal, groups: [...groups], scopes: [...scopes], expires_at: expiresAt }
      const made = await ask(async ({ request }) => {
        if (tenant === null) return request('POST /v1/keys', { body })
        await createTenant(request, tenant)
        return request('POST /v1/tenants/{id}/keys', { path: { id: tenant }, body })
      })
      return { key: toKey(made), text: made.key }
    },
    async list(tenant) {
      const { data } = await ask(({ request }) =>
        tenant === null
          ? request('GET /v1/keys')
          : request('GET /v1/tenants/{id}/keys', { path: { id: tenant } }),
      )
      const known = tenant ?? data[0]?.tenant
      return {
        keys: data.map(toKey),
        of: known === undefined ? "the asking key's tenant" : `the tenant "${known}"`,
      }
    },
    async rotate(id, tenant, oldValidForMs) {
      const body = { old_valid_for_ms: oldValidForMs }
      const rotated = await ask(async ({ request }) => {
        if (tenant !== null) await requireOwn(request, id, tenant)
        return orNull(request('POST /v1/keys/{id}/rotate', { path: { id }, body }))
      })
      return rotated && { key: toKey(rotated), text: rotated.key }
    },
    async revoke(id, tenant) {
      const revoked = await ask(({ request }) =>
        orNull(
          tenant === null
            ? request('DELETE /v1/keys/{id}', { path: { id } })
            : request('DELETE /v1/tenants/{id}/keys/{key_id}', { path: { id: tenant, key_id: id } }),
        ),
      )
      return revoked && toKey(revoked)
    },
    close: async () => undefined,
  }
}

/** Whoever rotates a key gets its text, which the API gives within a tenant alone. */
async function requireOwn(request: HoldfastClient['request'], id: string, tenant: string): Promise<void> {
  const { data } = await request('GET /v1/keys')
  if (data.some((key) => key.id === id && key.tenant === tenant)) return
  throw new CommandError(
    `The API rotates keys of the asking key's own tenant alone. Make a new one with "holdfast keys create --tenant ${tenant} …", and end this one ` +
      `with "holdfast keys revoke ${id} --tenant ${tenant}".`,
    EXIT.refused,
  )
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
