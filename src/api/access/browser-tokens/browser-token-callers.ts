import type { FindCaller } from '../caller.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { readBrowserToken } from './token-text.ts'

/**
 * Finds the callers of browser tokens; null where a token is not good, or the key that has made it, or the secret that the key had then, is
 * not any more. What the caller may do was settled when the token was made: neither a key's scopes nor its groups ever change.
 *
 * @param secret null where nobody is asked for a credential: there are no such tokens
 */
export function createBrowserTokenCallers(secret: string | null, keys: KeyRing): FindCaller {
  return async (text) => {
    const token = secret === null ? null : await readBrowserToken(secret, text)
    if (token === null) return null
    const { jti, iat, exp, tenant, sub, groups, scopes, target, write, agents, maker, makerPrincipal } = token

    async function stillValid(): Promise<boolean> {
      if (Date.now() >= exp * 1_000) return false
      return maker.type === 'token' || (await keys.vouchesFor(maker.id, Math.round(iat * 1_000)))
    }
    if (!(await stillValid())) return null
    const endsAt = new Date(exp * 1_000).toISOString()
    return {
      principal: {
        tenant,
        id: sub,
        groups,
        scopes,
        credential: { type: 'browser_token', id: jti, maker, principal: makerPrincipal },
        confinement: { target, write, agents },
      },
      stillValid,
      confirm: async () => ((await stillValid()) ? { atMs: Date.now(), endsAt } : null),
      endsAt,
    }
  }
}
