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
  /** From the request to the first byte of the answer. */
  firstEventMs: 60_000,
  /** Between two bytes of the answer; comments and pings count. */
  idleMs: 90_000,
  /** From an answer's last word to the account of its tokens, on wires that send it afterwards. */
  usageMs: 3_000,
  /** From an answer's known end to that of its connection, which can be used again if the server ends it in good order. */
  closeMs: 100,
  /** From the request to the end of the answer. */
  answerMs: 300_000,
  /** A provider's wish to wait longer than this is not waited out; the next model is asked instead. */
  longestRetryAfterMs: 120_000,
  /** A wish for more counts as this much. */
  mostRetryAfterMs: 86_400_000,
  /** How often a call in flight says that it lives, when the provider is silent. */
  heartbeatEveryMs: 1_000,
  /** How often text on its way is passed on to readers. */
  deltaEveryMs: 100,
} as const

/** Counts that a call can have; a provider's account with more of anything is not believed, and the call's worst case counts. */
export const PLAUSIBLE = { tokensOfCall: 20_000_000 } as const

/** How patient a hop is with answers that are paid for and of no use, before the next model is asked. */
export const USELESS_ANSWERS = {
  /** Answers that can't be understood. */
  malformedOfHop: 2,
  /** Answers in a row in which no call could be made as it was written: of so many the model is told what is wrong. */
  wrongCallsInARow: 2,
} as const
