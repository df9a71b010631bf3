import type { RecordedMaker } from './credential.ts'
import { isToolGrant, type ToolScope } from './tool-scope.ts'

/**
 * Scopes that a route can require. `runs:…` is about the runs of the key's own principal, `runs:…:all` about every run of its tenant.
 * `principals:act` is for services that speak for their own users. `admin` is for managing keys, and covers all other scopes of a
 * tenant. `metrics:read`, `providers:write` and `tenants:…` are the operator's, about the whole installation: `admin` does not cover them.
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
  'principals:act',
  'metrics:read',
  'providers:write',
  'tenants:read',
  'tenants:write',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** What a key can be granted of the product's own. */
export const GRANTS = [...SCOPES, 'runs:*', 'runs:*:all', 'tenants:*', 'operator'] as const
type ProductGrant = (typeof GRANTS)[number]

/** What a key can be granted: the product's scopes, and those that the application's tools demand. */
export type Grant = ProductGrant | ToolScope

export function isGrant(text: unknown): text is Grant {
  return GRANTS.some((grant) => grant === text) || isToolGrant(text)
}

const OPERATORS_SCOPES = ['metrics:read', 'providers:write', 'tenants:read', 'tenants:write'] as const
/** What only the operator has. */
const OPERATORS: readonly Grant[] = [...OPERATORS_SCOPES, 'tenants:*', 'operator']

/** The scopes that a grant covers besides the one of its own name. Who may start a run may also stop it. */
const ALSO_COVERED: { readonly [G in ProductGrant]?: readonly Scope[] } = {
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
  'tenants:*': ['tenants:read', 'tenants:write'],
  operator: OPERATORS_SCOPES,
  admin: SCOPES.filter((scope) => !OPERATORS.includes(scope)),
}

/** Whether a key's grants cover a scope. */
export function covers(grants: readonly Grant[], scope: Scope): boolean {
  const covering: { readonly [G in Grant]?: readonly Scope[] } = ALSO_COVERED
  return grants.some((grant) => grant === scope || (covering[grant]?.includes(scope) ?? false))
}

/** Whether a grant is the operator's: about the installation, and given on by nobody who has it not. */
export function isOperators(grant: Grant): boolean {
  return OPERATORS.includes(grant)
}

/** An API key without its secret and without any hash of that. Times are RFC 3339. */
export interface ApiKey {
  /** Its text begins with `hf_` and this. */
  readonly id: string
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly scopes: readonly Grant[]
  readonly createdAt: string
  /** null: made on the machine, or where nobody is asked for a credential. */
  readonly createdBy: RecordedMaker | null
  readonly expiresAt: string | null
  /** Until when the secret before the last rotation is taken as well; null where it is not, or not any more. */
  readonly oldSecretUntil: string | null
  /** To the minute. */
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}
