/** Signature algorithms that tokens may use, all with a public key. A shared secret, or none, is never taken. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number]

/** How tokens of an issuer are checked. Times are milliseconds unless the name says otherwise. */
export const TOKENS = {
  /** By how much the issuer's clock may differ from ours. */
  leewaySeconds: 30,
  /** A longer token is refused unread. All headers together have `HTTP.headerBytes`. */
  mostCharacters: 6_144,
  /** A token with more groups is refused. */
  mostGroups: 200,
} as const

/** Short-lived tokens that the API makes for pages: each for one run or thread. */
export const BROWSER_TOKENS = {
  /** How long a token is good, where the request does not say, and what it may say. A token never outlives the credential that made it. */
  lifeSeconds: { usual: 900, least: 10, most: 3_600 },
  /** Agents that a token may be for. */
  mostAgents: 20,
  /** A longer token is neither made nor read. All headers together have `HTTP.headerBytes`. */
  mostCharacters: 7_168,
} as const

/** How the issuer's public keys are fetched and kept. Times are milliseconds. */
export const TOKEN_KEYS = {
  timeoutMs: 5_000,
  mostBytes: 262_144,
  /** Keys older than this are fetched again, while those at hand are still used. */
  refreshAfterMs: 300_000,
  /** A token of an unknown key has the keys fetched again, but not sooner than this after the last time. */
  cooldownMs: 15_000,
  /** The same after a failure: until then tokens of unknown keys are answered 503 at once. */
  retryAfterMs: 5_000,
  /** While the issuer is away the last keys are believed for this long. */
  keptMs: 86_400_000,
} as const
