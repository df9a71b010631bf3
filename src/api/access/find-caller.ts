import type { FastifyBaseLogger } from 'fastify'
import type { TokensConfig } from '../../config/tokens.ts'
import type { Database } from '../../store/database/database.ts'
import type { FindCaller } from './caller.ts'
import { createKeyRing } from './key-ring.ts'
import { KEY_PREFIX } from './key-text.ts'
import { createIssuerKeys } from './tokens/issuer-keys.ts'
import { createTokenCallers } from './tokens/token-callers.ts'

/** Finds callers by their API key or, where an issuer is trusted, by its token: a credential's beginning says which of them it is. */
export function createFindCaller(
  database: Database,
  tokens: TokensConfig | null,
  logger: FastifyBaseLogger,
): FindCaller {
  const ofKey = createKeyRing(database, logger)
  const ofToken = tokens && createTokenCallers(tokens, createIssuerKeys(tokens.jwksUrl, logger), logger)
  return async (text) => {
    if (text.startsWith(KEY_PREFIX)) return ofKey(text)
    return ofToken === null ? null : ofToken(text)
  }
}
