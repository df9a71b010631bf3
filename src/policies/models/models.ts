import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { PlannedModel } from '../../contracts/models/model.ts'

/** A model tier's fallback chain: primary, then the second provider. After the last one comes the agent's degraded answer. */
export const MODEL_CHAINS = {
  standard: [
    { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.5', maxOutputTokens: 4_096 },
    { provider: 'anthropic', wire: 'anthropic-messages', model: 'claude-haiku-4-5', maxOutputTokens: 4_096 },
  ],
} as const satisfies Record<string, readonly [PlannedModel, ...PlannedModel[]]>

/** The chains of a run whose budget asks for cheaper models; each model costs a fraction of its tier's first one. */
export const CHEAPER_CHAINS = {
  standard: [
    { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.4-mini', maxOutputTokens: 2_048 },
    { provider: 'anthropic', wire: 'anthropic-messages', model: 'claude-haiku-4-5', maxOutputTokens: 2_048 },
  ],
} as const satisfies { readonly [T in keyof typeof MODEL_CHAINS]: readonly PlannedModel[] }

export type ModelTier = keyof typeof MODEL_CHAINS

/**
 * The clocks of a model call, in milliseconds; the SDKs' timeouts do not cover a stream that stalls. Each of the first four has an error
 * code of its own, and closes the socket. The run's own clock is its `deadline`.
 */
export const MODEL_CLOCKS = {
  /** To make a connection, TLS included: `model_connect_timed_out`. Below a second it is rounded up to one. */
  connectMs: 10_000,
  /** From the request to the first byte of the answer: `model_timed_out`. */
  firstEventMs: 60_000,
  /** Between two bytes of the answer; comments and pings count: `model_stalled`. */
  idleMs: 90_000,
  /** From the request to the end of the answer, whatever comes meanwhile: `model_call_timed_out`. */
  answerMs: 300_000,
  /** From an answer's last text to its token usage, on wires that send the usage afterwards. */
  usageMs: 3_000,
  /** From an answer's end to the end of its stream: a connection whose stream the server ends itself can be used again. */
  closeMs: 100,
  /** If a provider asks for a longer wait than this, the next model is asked instead. */
  longestRetryAfterMs: 120_000,
  /** A longer wait counts as this long. */
  mostRetryAfterMs: 86_400_000,
  /** Time between heartbeats of a call while the provider sends nothing. */
  heartbeatEveryMs: 1_000,
} as const

/** Answers that a provider goes on with by itself. */
export const BACKGROUND = {
  /** How often an attempt reads on after its connection was cut. Then the answer is given up, and cancelled. */
  mostCuts: 5,
  /** From the cut to the request for the rest. */
  readOnAfterMs: 500,
  /** Between two looks at an answer that can't be streamed any more: OpenAI streams none that is older than 5 minutes. */
  pollEveryMs: 2_000,
  /** The provider's time to stop an answer. */
  cancelMs: 5_000,
} as const

/** The providers' caches of requests' beginnings. */
export const PROMPT_CACHE = {
  /** Keys that the runs of an agent share. OpenAI serves about 15 requests a minute with the same key on one machine. */
  lanes: 8,
  /** OpenAI refuses a longer key. */
  maxKeyCharacters: 64,
} as const

/** The largest usage of one call that is believed. With more the call's worst case counts in its place. */
export const PLAUSIBLE = { tokensOfCall: 20_000_000 } as const

/** How many useless answers, which cost money, a hop accepts before the next model is asked. */
export const USELESS_ANSWERS = {
  /** Answers that end with one of `codes`. */
  ofHop: 2,
  codes: ['model_answer_malformed', 'model_call_timed_out'],
  /** Answers in a row whose calls are all invalid. For this many the model is shown what is wrong. */
  wrongCallsInARow: 2,
} as const satisfies { readonly codes: readonly ErrorCode[]; readonly [name: string]: unknown }
