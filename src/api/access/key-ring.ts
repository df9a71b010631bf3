import type { FastifyBaseLogger } from 'fastify'
import { API_KEYS } from '../../policies/api-keys.ts'
import { findApiKey, type StoredApiKey, touchApiKey } from '../../store/access/api-keys.ts'
import type { Database } from '../../store/database/database.ts'
import type { Caller, FindCaller } from './caller.ts'
import { secretOf } from './key-secret.ts'
import { type KeyText, readKeyText } from './key-text.ts'

export interface KeyRing {
  /** Finds the callers of API keys; null where the text is not a key, or the key is unknown, expired or revoked. */
  readonly find: FindCaller
  /** Whether what a key made at this time is still good: the key is, and so is the secret that it had then. */
  vouchesFor(id: string, madeAtMs: number): Promise<boolean>
}

export function createKeyRing(database: Database, logger: FastifyBaseLogger): KeyRing {
  const cache = new Map<string, { readonly stored: StoredApiKey; readonly until: number }>()

  async function load(id: string): Promise<StoredApiKey | null> {
    const cached = cache.get(id)
    if (cached !== undefined && performance.now() < cached.until) return cached.stored
    return loadAnew(id)
  }

  async function loadAnew(id: string): Promise<StoredApiKey | null> {
    const now = performance.now()
    const stored = await findApiKey(database, id)
    if (cache.size >= API_KEYS.cachedKeys) cache.clear()
    // Only existing keys are cached, so that guessed ids cannot push them out.
    if (stored === null) cache.delete(id)
    else cache.set(id, { stored, until: now + API_KEYS.cacheMs })
    return stored
  }

  async function noteUse({ key: { id }, usedLately }: StoredApiKey): Promise<void> {
    if (usedLately) return
    // What is cached would say so to every request until it is asked for again.
    const cached = cache.get(id)
    if (cached !== undefined) cache.set(id, { ...cached, stored: { ...cached.stored, usedLately: true } })
    await touchApiKey(database, id).catch((error: unknown) =>
      logger.warn({ err: error, keyId: id }, 'could not note the use of a key'),
    )
  }

  /** A secret that does not fit may be newer than what is cached: the key was rotated a moment ago. */
  async function findStored({ id, secret }: KeyText): Promise<StoredApiKey | null> {
    const stored = await load(id)
    return stored === null || secretOf(stored, secret) !== null ? stored : loadAnew(id)
  }

  async function find(text: string): Promise<Caller | null> {
    const shown = readKeyText(text)
    if (shown === null) return null
    const stored = await findStored(shown)
    const which = stored === null ? null : secretOf(stored, shown.secret)
    if (stored === null || which === null || !stored.live) return null
    await noteUse(stored)
    const { id, tenant, principal, groups, scopes } = stored.key
    const { secret } = shown
    return {
      principal: {
        tenant,
        id: principal,
        groups,
        scopes,
        credential: { type: 'key', id, principal },
      },
      async stillValid() {
        const now = await load(id)
        return now?.live === true && secretOf(now, secret) !== null
      },
      async confirm() {
        const now = await loadAnew(id)
        const which = now === null ? null : secretOf(now, secret)
        if (now === null || which === null || !now.live) return null
        return { atMs: Date.parse(now.readAt), endsAt: endOf(now, which) }
      },
      endsAt: endOf(stored, which),
    }
  }

  async function vouchesFor(id: string, madeAtMs: number): Promise<boolean> {
    const stored = await load(id)
    if (stored === null || !stored.live) return false
    return stored.tokensSince === null || madeAtMs > Date.parse(stored.tokensSince)
  }

  return { find, vouchesFor }
}

function endOf({ key }: StoredApiKey, which: 'current' | 'old'): string | null {
  return which === 'old' ? key.oldSecretUntil : key.expiresAt
}
