import { hkdfSync } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { type Grant, isGrant } from '../../../contracts/access/api-key.ts'
import { BROWSER_TOKENS } from '../../../policies/tokens.ts'
import { runId, threadId } from '../../http/requests/ids.schema.ts'
import { lastingCredential } from '../credential.schema.ts'

/** What every browser token begins with, and neither a key nor a token of an issuer. */
export const BROWSER_TOKEN_PREFIX = 'hft_'

/** A signature of 32 bytes has one form only: the last character has two bits that mean nothing, and are zero. */
const FORM = /^hft_([\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048])$/

const HEADER = { alg: 'HS256', typ: 'holdfast-browser-token+jwt' } as const
const ISSUER = 'holdfast'

/** A claim that this release does not know may narrow what the token is for: such a token is refused. */
const claims = z.strictObject({
  iss: z.literal(ISSUER),
  jti: z.string(),
  /** To the millisecond, so that a rotation of the maker's key tells what was made before from what came after. */
  iat: z.number(),
  exp: z.number(),
  tenant: z.string(),
  /** In whose name it acts. */
  sub: z.string(),
  groups: z.array(z.string()),
  scopes: z.array(z.custom<Grant>(isGrant)),
  target: z.union([z.strictObject({ runId }), z.strictObject({ threadId })]),
  write: z.boolean(),
  agents: z.array(z.string()).nullable(),
  maker: lastingCredential,
  /** Whom the maker stands for. */
  makerPrincipal: z.string(),
})
export type BrowserTokenClaims = z.output<typeof claims>
export type NewBrowserToken = Omit<BrowserTokenClaims, 'iss'>

/** Signs a browser token. `iat` and `exp` are in seconds. */
export async function signBrowserToken(
  secret: string,
  { iat, exp, ...token }: NewBrowserToken,
): Promise<string> {
  const jwt = new SignJWT(token)
    .setProtectedHeader(HEADER)
    .setIssuer(ISSUER)
    .setIssuedAt(iat)
    .setExpirationTime(exp)
  return BROWSER_TOKEN_PREFIX + (await jwt.sign(keyOf(secret)))
}

/** The claims of a token that this installation has signed and that has not expired; otherwise null. */
export async function readBrowserToken(secret: string, text: string): Promise<BrowserTokenClaims | null> {
  const [, jwt] = FORM.exec(text) ?? []
  if (jwt === undefined || text.length > BROWSER_TOKENS.mostCharacters) return null
  try {
    const checks = { algorithms: [HEADER.alg], typ: HEADER.typ, issuer: ISSUER }
    const { payload } = await jwtVerify(jwt, keyOf(secret), checks)
    return claims.safeParse(payload).data ?? null
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

/** A key of its own: what is signed for another purpose with the same secret is no token, and the other way round. */
function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'holdfast browser tokens', 32))
}
