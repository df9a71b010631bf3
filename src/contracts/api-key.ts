/**
 * What a route can ask for. `runs:…` is about the runs of the key's own principal, `runs:…:all` about every run of its tenant.
 * `admin` is for keys, and covers all the others.
 */
export const SCOPES = [
  'runs:read',
  'runs:write',
  'runs:cancel',
  'runs:read:all',
  'runs:write:all',
  'runs:cancel:all',
  'approvals:read',
  'approvals:decide',
  'budgets:write',
  'usage:read',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** What a key can be given. */
export const GRANTS = [...SCOPES, 'runs:*', 'runs:*:all'] as const
export type Grant = (typeof GRANTS)[number]

/** The scopes that a grant covers besides the one of its own name. Whoever may start a run may stop it. */
const ALSO_COVERED: { readonly [G in Grant]?: readonly Scope[] } = {
  'runs:write': ['runs:cancel'],
  'runs:*': ['runs:read', 'runs:write', 'runs:cancel'],
  'runs:read:all': ['runs:read'],
  'runs:write:all': ['runs:write', 'runs:cancel'],
  'runs:cancel:all': ['runs:cancel'],
  'runs:*:all': [
    'runs:read',
    'runs:write',
    'runs:cancel',
    'runs:read:all',
    'runs:write:all',
    'runs:cancel:all',
  ],
  admin: SCOPES,
}

/** Whether what a key was given covers a scope. */
export function covers(grants: readonly Grant[], scope: Scope): boolean {
  return grants.some((grant) => grant === scope || (ALSO_COVERED[grant]?.includes(scope) ?? false))
}

/** An API key as everybody may see it: neither its secret nor anything made of it. Times are RFC 3339. */
export interface ApiKey {
  /** Its text begins with `hf_` and this. */
  readonly id: string
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly scopes: readonly Grant[]
  readonly createdAt: string
  readonly expiresAt: string | null
  /** To the minute. */
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}
