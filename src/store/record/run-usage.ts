import type { RunUsage } from '../../contracts/models/usage.ts'

/** The columns of `runs` that {@link toUsage} reads. */
export const USAGE_COLUMNS = `
  input_tokens as "inputTokens", cached_input_tokens as "cachedInputTokens", output_tokens as "outputTokens",
  model_calls as "modelCalls", tool_calls as "toolCalls", usage_estimated as "usageEstimated", cost_micro_usd as "costMicroUsd"`

export interface UsageColumns extends Omit<RunUsage, 'estimated'> {
  readonly usageEstimated: boolean
}

export function toUsage(columns: UsageColumns): RunUsage {
  const {
    inputTokens,
    cachedInputTokens,
    outputTokens,
    modelCalls,
    toolCalls,
    costMicroUsd,
    usageEstimated,
  } = columns
  return {
    inputTokens,
    cachedInputTokens,
    outputTokens,
    modelCalls,
    toolCalls,
    costMicroUsd,
    ...(usageEstimated && { estimated: true }),
  }
}
