/** What a route can ask for. `admin` is for keys, and implies all the others. */
export const SCOPES = [
  'runs:read',
  'runs:write',
  'approvals:read',
  'approvals:decide',
  'budgets:write',
  'usage:read',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** What a key can be given. */
export const GRANTS = [...SCOPES, 'runs:*'] as const
export type Grant = (typeof GRANTS)[number]

/** Whether what a key was given covers a scope. */
export function covers(grants: readonly Grant[], scope: Scope): boolean {
  if (grants.includes('admin') || grants.includes(scope)) return true
  return scope.startsWith('runs:') && grants.includes('runs:*')
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
