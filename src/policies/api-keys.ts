/** How API keys are checked. Times are milliseconds. */
export const API_KEYS = {
  /** How long a process believes what it knows of a key. With `recheckMs` it bounds how long a revoked one lives on: 5 s. */
  cacheMs: 2_000,
  cachedKeys: 1_000,
  /** How often the key behind an open stream, or a request that waits, is looked at again. */
  recheckMs: 2_500,
} as const

/** What keys may say of their bearers. */
export const KEY_LIMITS = {
  groups: 50,
  nameCharacters: 64,
  principalCharacters: 200,
} as const
