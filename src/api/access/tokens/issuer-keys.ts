import type { FastifyBaseLogger } from 'fastify'
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose'
import { TOKEN_KEYS } from '../../../policies/tokens.ts'

/** The issuer's keys are not to be had, and the token's is not among those at hand. */
export class IssuerAway extends Error {
  override readonly name = 'IssuerAway'
}

/** What a token itself is to blame for. */
const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]

export type KeyTimes = Omit<typeof TOKEN_KEYS, 'mostBytes'>

/**
 * Finds an issuer's public keys. Those at hand are used while they are fetched again, so that only a token of an unknown key waits for the
 * issuer, and tokens of known keys go on while it is away.
 */
export function createIssuerKeys(
  url: string,
  logger: FastifyBaseLogger,
  times: { readonly [N in keyof KeyTimes]: number } = TOKEN_KEYS,
): JWTVerifyGetKey {
  const kept: JWKSCacheInput = {}
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: times.timeoutMs,
    cooldownDuration: times.cooldownMs,
    cacheMaxAge: times.keptMs,
    [jwksCache]: kept,
    [customFetch]: spaced(fetchBounded, times.retryAfterMs),
  })
  let awaySince: number | null = null

  function noteFailure(error: unknown): void {
    if (awaySince === null) logger.warn({ err: error, url }, "the token issuer's keys are away")
    awaySince ??= Date.now()
  }

  function noteReturn(): void {
    if (awaySince === null || kept.uat === undefined || kept.uat < awaySince) return
    logger.info({ url }, "the token issuer's keys are back")
    awaySince = null
  }

  function refreshBehind(): void {
    const age = kept.uat === undefined ? 0 : Date.now() - kept.uat
    if (age < times.refreshAfterMs || keys.reloading) return
    keys.reload().catch(noteFailure)
  }

  return async (header, token) => {
    refreshBehind()
    try {
      const key = await keys(header, token)
      noteReturn()
      return key
    } catch (error) {
      if (OF_THE_TOKEN.some((kind) => error instanceof kind)) throw error
      noteFailure(error)
      throw new IssuerAway('The keys of the token issuer could not be fetched.', { cause: error })
    }
  }
}

/** Fails at once where the last fetch was too short a time ago: tokens of made-up keys must not become requests to the issuer. */
function spaced(fetchKeys: FetchImplementation, everyMs: number): FetchImplementation {
  let notBefore = 0
  return async (url, options) => {
    const now = performance.now()
    if (now < notBefore) throw new Error('The keys were asked for a moment ago.')
    notBefore = now + everyMs
    return fetchKeys(url, options)
  }
}

/** A redirect is an answer that is not 200, which is refused: the keys come from where the configuration says. */
const fetchBounded: FetchImplementation = async (url, options) => {
  const answer = await fetch(url, options)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > TOKEN_KEYS.mostBytes) throw new Error(`The keys are more than ${TOKEN_KEYS.mostBytes} bytes.`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status: answer.status })
}
