/** Who may be given an answer again: only the principal whose run it was made for, or everybody of the tenant. */
export const CACHE_SCOPES = ['principal', 'tenant'] as const
export type CacheScope = (typeof CACHE_SCOPES)[number]

/** An agent's answer cache in its plan, with nothing left to default. */
export interface PlannedCache {
  readonly scope: CacheScope
  /** Age up to which an answer is given again to the same request. */
  readonly exact?: { readonly ttlMs: number }
  /** Age and similarity, from 0 to 1, up from which an answer is given again to a similar question. */
  readonly semantic?: {
    readonly ttlMs: number
    /** Cosine of the questions' embeddings. */
    readonly threshold: number
    /** Cosine of their vectors of words, which stand in where no embeddings server is configured. */
    readonly lexicalThreshold: number
  }
  /** Absent: a turn that has used or uses tools is never given again. */
  readonly withTools?: true
}

/**
 * How an answer was found: by the same request (`exact`), by a question of the same meaning (`semantic`), or by one of nearly the same
 * words (`lexical`).
 */
export const CACHE_HITS = ['exact', 'semantic', 'lexical'] as const
export type CacheHit = (typeof CACHE_HITS)[number]

/** What the answer of a cache has spared, as the provider had counted it when the answer was made. */
export interface CacheSaving {
  readonly hit: CacheHit
  /** 0 where the call's price was unknown. */
  readonly savedMicroUsd: number
  readonly savedInputTokens: number
  readonly savedOutputTokens: number
  /** How long the call waited for another run to be answered the same question; absent where it did not. */
  readonly waitedMs?: number
}
