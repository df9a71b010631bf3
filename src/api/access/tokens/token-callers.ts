import type { FastifyBaseLogger } from 'fastify'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { TokensConfig } from '../../../config/tokens.ts'
import type { Credential } from '../../../contracts/access/credential.ts'
import { TOKEN_KEYS, TOKENS } from '../../../policies/tokens.ts'
import { Problem } from '../../http/problems/problem.ts'
import type { FindCaller } from '../caller.ts'
import { principalName } from '../key.schema.ts'
import { IssuerAway } from './issuer-keys.ts'
import { readClaims } from './read-claims.ts'

/** Kinds of tokens that may let somebody in. Others are for other ends, such as a logout. */
const TYPES = ['jwt', 'at+jwt']

/**
 * Finds the callers of an issuer's tokens; null where a token is not good. The log says why, at level debug, and the answer does not.
 *
 * @throws Problem unavailable, where the token's key is unknown and the issuer's keys cannot be fetched
 */
export function createTokenCallers(
  { issuer, audience, algorithms, claims }: Omit<TokensConfig, 'jwksUrl'>,
  keyOf: JWTVerifyGetKey,
  logger: FastifyBaseLogger,
): FindCaller {
  const checks = {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance: TOKENS.leewaySeconds,
    requiredClaims: ['exp'],
  }

  function refuse(why: string): null {
    logger.debug({ why }, 'token refused')
    return null
  }

  return async (text) => {
    if (text.length > TOKENS.mostCharacters) return refuse('too long')
    const verified = await jwtVerify(text, keyOf, checks).catch((error: unknown) => {
      if (error instanceof errors.JOSEError) return refuse(error.message)
      if (error instanceof IssuerAway) throw unavailable(error)
      throw error
    })
    if (verified === null) return null
    const { payload, protectedHeader } = verified
    if (!isForCallers(protectedHeader.typ)) return refuse(`of the type ${protectedHeader.typ}`)
    const read = readClaims(payload, claims)
    if ('unusable' in read) return refuse(`no usable ${read.unusable}`)
    const { exp = 0 } = payload
    const endsAt = new Date(exp * 1_000).toISOString()
    const stillValid = async () => Date.now() / 1_000 < exp + TOKENS.leewaySeconds
    return {
      principal: {
        ...read,
        credential: { ...credentialOf(issuer, payload, read.id), principal: read.id },
      },
      stillValid,
      confirm: async () => ((await stillValid()) ? { atMs: Date.now(), endsAt } : null),
      endsAt,
    }
  }
}

function isForCallers(typ: unknown): boolean {
  if (typ === undefined) return true
  return typeof typ === 'string' && TYPES.includes(typ.toLowerCase().replace(/^application\//, ''))
}

function credentialOf(issuer: string, { jti, sub }: JWTPayload, principal: string): Credential {
  // A name that the issuer chose may be of any length.
  const id = [jti, sub].find((name) => principalName.safeParse(name).success) ?? principal
  return { type: 'token', issuer, id }
}

function unavailable(cause: IssuerAway): Problem {
  const seconds = Math.ceil(TOKEN_KEYS.retryAfterMs / 1_000)
  return new Problem('unavailable', { headers: { 'retry-after': String(seconds) }, cause })
}
