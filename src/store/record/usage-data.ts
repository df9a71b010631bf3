import type { JsonObject } from '../../contracts/json.ts'
import type { CallUsage } from '../../contracts/models/usage.ts'

/** A call's tokens, as event data. */
export function usageData(usage: CallUsage): JsonObject {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    ...(usage.estimated && { estimated: true }),
  }
}
