import type { FastifyBaseLogger } from 'fastify'
import { createLruMap } from '../../../contracts/lru-map.ts'
import { API_KEYS } from '../../../policies/api-keys.ts'
import { confirmApiKey, findApiKey, type StoredApiKey, touchApiKey } from '../../../store/access/api-keys.ts'
import type { Database } from '../../../store/database/database.ts'
import type { Caller, FindCaller } from '../caller.ts'
import { createKeyLookups } from './key-lookups.ts'
import { secretOf } from './key-secret.ts'
import { type KeyText, readKeyText } from './key-text.ts'

export interface KeyRing {
  /** Finds the callers of API keys; null where the text is not a key, or the key is unknown, expired or revoked. */
  readonly find: FindCaller
  /** Whether what a key made at this time is still good: the key is, and so is the secret that it had then. */
  vouchesFor(id: string, madeAtMs: number): Promise<boolean>
}

export function createKeyRing(database: Database, logger: FastifyBaseLogger): KeyRing {
  /** Keys that exist, or have existed. Guessed ids cannot push them out. */
  const known = createLruMap<string, { readonly stored: StoredApiKey | null; readonly until: number }>(
    API_KEYS.cachedKeys,
  )
  const refreshes = new Map<string, Promise<StoredApiKey | null>>()
  const lookUp = createKeyLookups(database)

  /** For ids that nobody can have made up. */
  async function current(id: string): Promise<StoredApiKey | null> {
    const found = known.get(id)
    if (found !== undefined && performance.now() < found.until) return found.stored
    const refresh = refreshes.get(id) ?? keep(id, findApiKey(database, id))
    refreshes.set(id, refresh)
    return refresh.finally(() => refreshes.delete(id))
  }

  async function keep(id: string, read: Promise<StoredApiKey | null>): Promise<StoredApiKey | null> {
    const until = performance.now() + API_KEYS.cacheMs
    const stored = await read
    if (stored !== null || known.get(id) !== undefined) known.set(id, { stored, until })
    return stored
  }

  async function noteUse({ key: { id }, usedLately }: StoredApiKey): Promise<void> {
    if (usedLately) return
    // What is cached would say so to every request until it is asked for again.
    const cached = known.get(id)
    if (cached?.stored) known.set(id, { ...cached, stored: { ...cached.stored, usedLately: true } })
    await touchApiKey(database, id).catch((error: unknown) =>
      logger.warn({ err: error, keyId: id }, 'could not note the use of a key'),
    )
  }

  /** A secret that does not fit may be newer than what is cached: the key was rotated a moment ago. */
  async function findStored({ id, secret }: KeyText): Promise<StoredApiKey | null> {
    const stored = known.get(id) === undefined ? null : await current(id)
    if (stored !== null && secretOf(stored, secret) !== null) return stored
    return keep(id, lookUp(id))
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
        const now = await current(id)
        return now?.live === true && secretOf(now, secret) !== null
      },
      async confirm() {
        const now = await keep(id, confirmApiKey(database, id))
        const which = now === null ? null : secretOf(now, secret)
        if (now === null || which === null || !now.live) return null
        return { atMs: Date.parse(now.readAt), endsAt: endOf(now, which) }
      },
      endsAt: endOf(stored, which),
    }
  }

  async function vouchesFor(id: string, madeAtMs: number): Promise<boolean> {
    const stored = await current(id)
    if (stored === null || !stored.live) return false
    return stored.tokensSince === null || madeAtMs > Date.parse(stored.tokensSince)
  }

  return { find, vouchesFor }
}

function endOf({ key }: StoredApiKey, which: 'current' | 'old'): string | null {
  return which === 'old' ? key.oldSecretUntil : key.expiresAt
}
