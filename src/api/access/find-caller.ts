import type { FastifyBaseLogger } from 'fastify'
import type { TokensConfig } from '../../config/tokens.ts'
import type { Database } from '../../store/database/database.ts'
import { createBrowserTokenCallers } from './browser-tokens/browser-token-callers.ts'
import { BROWSER_TOKEN_PREFIX } from './browser-tokens/token-text.ts'
import type { FindCaller } from './caller.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { KEY_PREFIX } from './keys/key-text.ts'
import { createIssuerKeys } from './tokens/issuer-keys.ts'
import { createTokenCallers } from './tokens/token-callers.ts'

/**
 * Finds callers by their API key, by a browser token or, where an issuer is trusted, by its token: a credential's beginning says which of
 * them it is.
 *
 * @param secret what browser tokens are signed with
 */
export function createFindCaller(
  database: Database,
  tokens: TokensConfig | null,
  secret: string | null,
  logger: FastifyBaseLogger,
): FindCaller {
  const keys = createKeyRing(database, logger)
  const ofBrowserToken = createBrowserTokenCallers(secret, keys)
  const ofToken = tokens && createTokenCallers(tokens, createIssuerKeys(tokens.jwksUrl, logger), logger)
  return async (text) => {
    if (text.startsWith(KEY_PREFIX)) return keys.find(text)
    if (text.startsWith(BROWSER_TOKEN_PREFIX)) return ofBrowserToken(text)
    return ofToken === null ? null : ofToken(text)
  }
}
