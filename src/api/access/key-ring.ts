import { timingSafeEqual } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { API_KEYS } from '../../policies/api-keys.ts'
import { findApiKey, type StoredApiKey, touchApiKey } from '../../store/access/api-keys.ts'
import type { Database } from '../../store/database/database.ts'
import { hashSecret, readKeyText } from './key-text.ts'
import type { Principal } from './principal.ts'

/** Finds the principals of API keys. An answer is at most `API_KEYS.cacheMs` old. */
export interface KeyRing {
  /** null where the text is not a key, or the key is unknown, expired or revoked. */
  principalOf(text: string): Promise<Principal | null>
  isLive(keyId: string): Promise<boolean>
}

export function createKeyRing(database: Database, logger: FastifyBaseLogger): KeyRing {
  const cache = new Map<string, { readonly stored: StoredApiKey; readonly until: number }>()

  async function load(id: string): Promise<StoredApiKey | null> {
    const now = performance.now()
    const cached = cache.get(id)
    if (cached !== undefined && now < cached.until) return cached.stored
    const stored = await findApiKey(database, id)
    if (cache.size >= API_KEYS.cachedKeys) cache.clear()
    // Only existing keys are cached, so that guessed ids cannot push them out.
    if (stored === null) cache.delete(id)
    else cache.set(id, { stored, until: now + API_KEYS.cacheMs })
    return stored
  }

  async function noteUse({ key: { id }, usedLately }: StoredApiKey): Promise<void> {
    if (usedLately) return
    await touchApiKey(database, id).catch((error: unknown) =>
      logger.warn({ err: error, keyId: id }, 'could not note the use of a key'),
    )
  }

  return {
    async principalOf(text) {
      const shown = readKeyText(text)
      if (shown === null) return null
      const stored = await load(shown.id)
      if (stored === null || !isSame(hashSecret(shown.secret), stored.secretSha256) || !stored.live)
        return null
      await noteUse(stored)
      const { tenant, principal, groups, scopes } = stored.key
      return { tenant, id: principal, groups, scopes, keyId: shown.id }
    },
    isLive: async (keyId) => (await load(keyId))?.live ?? false,
  }
}

/** Takes the same time wherever the two differ, so that timing tells nothing about the secret. */
function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
