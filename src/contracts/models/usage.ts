/** Tokens of one model call, for all wires alike: `inputTokens` is the total, with cached and cache-write tokens. */
export interface CallUsage {
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** The server has counted no tokens: these are a tokenizer's estimate. The call's cost is unknown. */
  readonly estimated?: true
}

/** What a run has used so far. `costMicroUsd` is null once one call's price is unknown, since any number would be wrong. */
export interface RunUsage {
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly outputTokens: number
  readonly modelCalls: number
  readonly toolCalls: number
  readonly costMicroUsd: number | null
  /** Tokens of a call in it are an estimate. Absent from what a workflow counts. */
  readonly estimated?: true
}

export const NO_USAGE: RunUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  modelCalls: 0,
  toolCalls: 0,
  costMicroUsd: 0,
}

export function addUsage(total: RunUsage, more: RunUsage): RunUsage {
  const { costMicroUsd } = total
  return {
    inputTokens: total.inputTokens + more.inputTokens,
    cachedInputTokens: total.cachedInputTokens + more.cachedInputTokens,
    outputTokens: total.outputTokens + more.outputTokens,
    modelCalls: total.modelCalls + more.modelCalls,
    toolCalls: total.toolCalls + more.toolCalls,
    costMicroUsd:
      costMicroUsd === null || more.costMicroUsd === null ? null : costMicroUsd + more.costMicroUsd,
  }
}

export function addModelCall(total: RunUsage, call: CallUsage, costMicroUsd: number | null): RunUsage {
  return {
    ...total,
    inputTokens: total.inputTokens + call.inputTokens,
    cachedInputTokens: total.cachedInputTokens + call.cachedInputTokens,
    outputTokens: total.outputTokens + call.outputTokens,
    modelCalls: total.modelCalls + 1,
    costMicroUsd:
      total.costMicroUsd === null || costMicroUsd === null ? null : total.costMicroUsd + costMicroUsd,
  }
}
