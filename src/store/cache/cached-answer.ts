import type { CacheHit } from '../../contracts/cache/answer-cache.ts'
import type { StopReason } from '../../contracts/models/model.ts'
import type { AssistantMessage } from '../../contracts/runs/message.ts'

/** The part of an entry that a run is given. */
export interface CachedAnswer {
  /** Number of the entry. */
  readonly id: number
  readonly hit: CacheHit
  readonly answer: {
    /** Without the provider's own items, which belong to the conversation that they were made in. */
    readonly message: AssistantMessage
    readonly stop: Extract<StopReason, 'end' | 'tool_calls'>
    readonly servedBy: string
  }
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costMicroUsd: number | null
  /** When the model gave it. */
  readonly createdAt: string
}

export const ANSWER_COLUMNS = `
  answer, input_tokens as "inputTokens", output_tokens as "outputTokens", cost_micro_usd as "costMicroUsd",
  created_at as "createdAt"`
