import type { JWTPayload } from 'jose'
import { type Grant, isGrant, isOperators } from '../../../contracts/access/api-key.ts'
import type { ClaimPath, TokenClaims } from '../../../contracts/access/token-claims.ts'
import { TOKENS } from '../../../policies/tokens.ts'
import { keyName, principalName } from '../key.schema.ts'
import type { Principal } from '../principal.ts'

/** Whose a verified token is and what it may do, or the claim that cannot be used. */
export type ReadClaims = Omit<Principal, 'credential'> | { readonly unusable: keyof TokenClaims }

export function readClaims(payload: JWTPayload, claims: TokenClaims): ReadClaims {
  const tenant = 'fixed' in claims.tenant ? claims.tenant.fixed : valueAt(payload, claims.tenant.path)
  if (!isName(tenant, keyName)) return { unusable: 'tenant' }
  const id = valueAt(payload, claims.principal)
  if (!isName(id, principalName)) return { unusable: 'principal' }
  const groups = claims.groups === null ? [] : wordsOf(valueAt(payload, claims.groups) ?? [])
  if (groups === null || groups.length > TOKENS.mostGroups) return { unusable: 'groups' }
  const granted = claims.scopes.map((path) => valueAt(payload, path)).find((value) => value !== undefined)
  const scopes = wordsOf(granted ?? [])
  if (scopes === null) return { unusable: 'scopes' }
  return {
    tenant,
    id,
    // An issuer has groups that no approval can name.
    groups: groups.filter((group) => isName(group, keyName)),
    scopes: [...new Set(scopes.flatMap((name) => grantsOf(name, claims)))],
  }
}

/** Own properties only: a token must not reach what every object has. */
export function valueAt(payload: JWTPayload, path: ClaimPath): unknown {
  let value: unknown = payload
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** A list of texts, or one text of words as RFC 8693 has scopes; null for anything else. */
function wordsOf(value: unknown): string[] | null {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : null
}

function isName(value: unknown, schema: typeof keyName): value is string {
  return schema.safeParse(value).success && !Object.hasOwn(Object.prototype, value as string)
}

/**
 * What the configuration grants for the issuer's name; otherwise a scope of ours or of the application's by its own name, but for `admin` and
 * those of operators.
 */
function grantsOf(name: string, { scopeNames }: TokenClaims): readonly Grant[] {
  return scopeNames.get(name) ?? (isGrant(name) && name !== 'admin' && !isOperators(name) ? [name] : [])
}
