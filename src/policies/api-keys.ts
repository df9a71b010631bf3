/** How API keys are checked. Times are milliseconds. */
export const API_KEYS = {
  /** How long a process caches a key. With `recheckMs` it bounds how long a revoked key still works: 5 s. */
  cacheMs: 2_000,
  cachedKeys: 10_000,
  /**
   * Keys that a process does not know, which anybody can have made up: ids that one statement asks for, ids that wait for it, and how long one
   * that does not exist is remembered. So long a key with an id that was asked for before it was made can be refused. Further ids are answered 503.
   */
  lookups: { idsAtOnce: 100, waitingIds: 1_000, rememberMs: 1_000, rememberedIds: 10_000 },
  /** How often the key of an open stream, or of a request that waits, is checked again. */
  recheckMs: 2_500,
  /** How long the secret before a rotation is still taken, where the request does not say, and the longest that it can. */
  oldSecretMs: { usual: 86_400_000, most: 2_592_000_000 },
  /** Answers to a key or secret that ends within this time say when. */
  endsSoonMs: 1_209_600_000,
  /** How often a process warns of one and the same key that ends soon. */
  warnEveryMs: 86_400_000,
} as const

/** Bounds of a key's groups, scopes and names. */
export const KEY_LIMITS = {
  groups: 50,
  scopes: 50,
  nameCharacters: 64,
  principalCharacters: 200,
} as const

/** Name of a tenant or group. */
export const KEY_NAME = new RegExp(`^[A-Za-z0-9._-]{1,${KEY_LIMITS.nameCharacters}}$`)

const LONGEST = KEY_LIMITS.principalCharacters

/** What a budget may be for by its name: principals and agents, and `*` for each of them. */
export const SUBJECT_NAME = new RegExp(`^[\\x21-\\x7e]{1,${LONGEST}}$`)

/** Name of a principal: as above, but for `*`. Two alternatives, since what makes values from the OpenAPI document knows no lookahead. */
export const PRINCIPAL_NAME = new RegExp(
  `^(?:[\\x21-\\x29\\x2b-\\x7e][\\x21-\\x7e]{0,${LONGEST - 1}}|\\*[\\x21-\\x7e]{1,${LONGEST - 1}})$`,
)
