import type { PlannedModel } from '../contracts/model.ts'

/** A model tier's fallback chain: primary, then the second provider. After the last one comes the agent's degraded answer. */
export const MODEL_CHAINS = {
  standard: [
    { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.5', maxOutputTokens: 4_096 },
    { provider: 'anthropic', wire: 'anthropic-messages', model: 'claude-haiku-4-5', maxOutputTokens: 4_096 },
  ],
} as const satisfies Record<string, readonly [PlannedModel, ...PlannedModel[]]>

/** What a run goes on with once its budget wants it cheaper: each a fraction of what its tier's first model costs. */
export const CHEAPER_CHAINS = {
  standard: [
    { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.4-mini', maxOutputTokens: 2_048 },
    { provider: 'anthropic', wire: 'anthropic-messages', model: 'claude-haiku-4-5', maxOutputTokens: 2_048 },
  ],
} as const satisfies { readonly [T in keyof typeof MODEL_CHAINS]: readonly PlannedModel[] }

export type ModelTier = keyof typeof MODEL_CHAINS

/** The adapters' own clocks, in milliseconds; the SDKs' timeouts do not cover a stream that stalls. */
export const MODEL_CLOCKS = {
  /** From the request to the first event of the answer. */
  firstEventMs: 60_000,
  /** Between two events of the answer. */
  idleMs: 90_000,
  /** From the request to the end of the answer. */
  answerMs: 300_000,
  /** A provider's wish to wait longer than this is not waited out; the next model is asked instead. */
  longestRetryAfterMs: 120_000,
  /** How often a call in flight says that it lives, when the provider is silent. */
  heartbeatEveryMs: 1_000,
  /** How often text on its way is passed on to readers. */
  deltaEveryMs: 100,
} as const
