import type { Grant } from './api-key.ts'

/** Where a value stands in a token: the names that lead to it, from the outermost on. */
export type ClaimPath = readonly string[]

/** Which claims of a token say whose it is, and what it may do. */
export interface TokenClaims {
  /** A tenant's name, or where the token has one. */
  readonly tenant: { readonly fixed: string } | { readonly path: ClaimPath }
  readonly principal: ClaimPath
  /** null: tokens have no groups. */
  readonly groups: ClaimPath | null
  /** The first that a token has counts. */
  readonly scopes: readonly ClaimPath[]
  /** What the issuer's own names grant. `admin` and `tenants:…` are granted here or not at all. */
  readonly scopeNames: ReadonlyMap<string, readonly Grant[]>
}
