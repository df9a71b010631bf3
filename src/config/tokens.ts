import { z } from 'zod'
import { type Grant, isGrant } from '../contracts/access/api-key.ts'
import type { ClaimPath, TokenClaims } from '../contracts/access/token-claims.ts'
import { KEY_NAME } from '../policies/api-keys.ts'
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../policies/tokens.ts'
import { type Environment, isLoopback } from './environment.ts'

/** Whose tokens are taken, and how they are read. */
export interface TokensConfig {
  readonly issuer: string
  readonly audience: string
  /** Where the issuer's public keys are: https, or a server of this machine. */
  readonly jwksUrl: string
  readonly algorithms: readonly TokenAlgorithm[]
  readonly claims: TokenClaims
}

const NAMES = [
  'HOLDFAST_JWT_ISSUER',
  'HOLDFAST_JWT_AUDIENCE',
  'HOLDFAST_JWT_JWKS_URL',
  'HOLDFAST_JWT_CLAIMS',
] as const satisfies readonly (keyof Environment)[]

/** The settings of an issuer's tokens, which go together; null where none is set. */
export function tokensOf(env: Environment, problems: string[]): TokensConfig | null {
  const missing = NAMES.filter((name) => env[name] === undefined)
  if (missing.length === NAMES.length) return null
  const { HOLDFAST_JWT_ISSUER: issuer, HOLDFAST_JWT_AUDIENCE: audience } = env
  const { HOLDFAST_JWT_JWKS_URL: jwksUrl, HOLDFAST_JWT_CLAIMS: claimsText } = env
  if (env.HOLDFAST_AUTH === 'none')
    problems.push('HOLDFAST_JWT_ISSUER is set, and HOLDFAST_AUTH=none asks nobody for a token')
  if (missing.length > 0)
    problems.push(`HOLDFAST_JWT_… is set but ${missing.join(' and ')} is not: they go together`)
  if (jwksUrl !== undefined && !isSafe(new URL(jwksUrl)))
    problems.push('HOLDFAST_JWT_JWKS_URL is neither an https:// URL nor one of this machine')
  const algorithms = algorithmsOf(env.HOLDFAST_JWT_ALGORITHMS, problems)
  const claims = claimsText === undefined ? null : claimsOf(claimsText, problems)
  if (issuer === undefined || audience === undefined || jwksUrl === undefined || claims === null) return null
  return { issuer, audience, jwksUrl, algorithms, claims }
}

/** Keys that came in the clear could be anybody's. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))
}

function algorithmsOf(text: string, problems: string[]): TokenAlgorithm[] {
  const named = text.split(',').map((name) => name.trim())
  const known = TOKEN_ALGORITHMS.filter((name) => named.includes(name))
  if (known.length !== named.length)
    problems.push(`HOLDFAST_JWT_ALGORITHMS is not a list of ${TOKEN_ALGORITHMS.join(', ')}`)
  return known
}

/** `/a/b` is a JSON pointer, `a.b` the same by its names. */
const claimPath = z
  .string()
  .regex(/^(\/([^~]|~[01])+|[^./]+(\.[^./]+)*)$/, 'is neither a dotted name nor a JSON pointer')
  .transform(
    (text): ClaimPath =>
      text.startsWith('/')
        ? text
            .slice(1)
            .split('/')
            .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
        : text.split('.'),
  )

const fixedName = z.strictObject({
  fixed: z.string().regex(KEY_NAME, 'is not a name'),
})

const claims = z.strictObject({
  tenant: z.union([fixedName, claimPath.transform((path) => ({ path }))], {
    error: 'is neither a claim nor {"fixed": a name}',
  }),
  principal: claimPath.default(['sub']),
  groups: claimPath.nullable().default(null),
  scopes: claimPath.transform((path): ClaimPath[] => [path]).default([['scope'], ['scp']]),
  scope_names: z.record(z.string(), z.array(z.custom<Grant>(isGrant, 'is not a scope'))).default({}),
})

function claimsOf(text: string, problems: string[]): TokenClaims | null {
  const parsed = claims.safeParse(jsonOf(text))
  if (!parsed.success) {
    problems.push(
      ...parsed.error.issues.map(({ path, message }) =>
        path.length === 0
          ? `HOLDFAST_JWT_CLAIMS is not a JSON object of claims: ${message}`
          : `HOLDFAST_JWT_CLAIMS: ${path.join('.')} ${message}`,
      ),
    )
    return null
  }
  const { scope_names: names, ...rest } = parsed.data
  return { ...rest, scopeNames: new Map(Object.entries(names)) }
}

/** What is no JSON fits no schema. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
