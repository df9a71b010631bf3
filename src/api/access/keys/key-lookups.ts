import { createLruMap } from '../../../contracts/lru-map.ts'
import { API_KEYS } from '../../../policies/api-keys.ts'
import { findApiKeys, type StoredApiKey } from '../../../store/access/api-keys.ts'
import type { Database } from '../../../store/database/database.ts'
import { Problem } from '../../http/problems/problem.ts'

type Lookup = PromiseWithResolvers<StoredApiKey | null>

/**
 * Looks up keys that anybody can have made up, so that they take little from callers who are known: one statement at a time asks for all that
 * wait, and an id that does not exist is remembered for a moment. What is found is newer than the question.
 *
 * @returns the key of an id; null where there is none
 */
export function createKeyLookups(database: Database): (id: string) => Promise<StoredApiKey | null> {
  const { idsAtOnce, waitingIds, rememberMs, rememberedIds } = API_KEYS.lookups
  const waiting = new Map<string, Lookup>()
  /** Until when an id counts as one that does not exist. */
  const absent = createLruMap<string, number>(rememberedIds)
  let isAsking = false

  async function ask(lookups: ReadonlyMap<string, Lookup>): Promise<void> {
    const until = performance.now() + rememberMs
    const found = await findApiKeys(database, [...lookups.keys()])
    for (const [id, lookup] of lookups) {
      const stored = found.get(id) ?? null
      if (stored === null) absent.set(id, until)
      lookup.resolve(stored)
    }
  }

  async function askForAll(): Promise<void> {
    isAsking = true
    while (waiting.size > 0) {
      const lookups = new Map([...waiting].slice(0, idsAtOnce))
      for (const id of lookups.keys()) waiting.delete(id)
      await ask(lookups).catch((error: unknown) => {
        for (const { reject } of lookups.values()) reject(error)
      })
    }
    isAsking = false
  }

  return async (id) => {
    if (performance.now() < (absent.get(id) ?? 0)) return null
    const same = waiting.get(id)
    if (same !== undefined) return same.promise
    if (waiting.size >= waitingIds) throw new Problem('overloaded')
    const lookup: Lookup = Promise.withResolvers()
    waiting.set(id, lookup)
    if (!isAsking) void askForAll()
    return lookup.promise
  }
}
