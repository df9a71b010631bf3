import type { UsageRow } from '../../store/budgets/usage.ts'
import { hitRate } from '../cache/hit-rate.ts'
import type { UsageRowResource } from './usage.schema.ts'

export function toUsageRow(row: UsageRow): UsageRowResource {
  return {
    key: row.key,
    cost_micro_usd: row.costMicroUsd,
    unknown_micro_usd: row.unknownMicroUsd,
    input_tokens: row.inputTokens,
    cached_input_tokens: row.cachedInputTokens,
    cache_write_tokens: row.cacheWriteTokens,
    prompt_cache_saved_micro_usd: row.promptCacheSavedMicroUsd,
    output_tokens: row.outputTokens,
    model_calls: row.modelCalls,
    attempts: row.attempts,
    unpriced_attempts: row.unpricedAttempts,
    estimated_attempts: row.estimatedAttempts,
    runs: row.runs,
    cache: {
      hits: row.cacheHits,
      misses: row.cacheMisses,
      hit_rate: hitRate(row.cacheHits, row.cacheMisses),
      saved_micro_usd: row.savedMicroUsd,
      saved_input_tokens: row.savedInputTokens,
      saved_output_tokens: row.savedOutputTokens,
    },
  }
}
