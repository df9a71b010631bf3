import type { Provider } from '../../../../../src/contracts/models/model.ts'
import type { RunId } from '../../../../../src/contracts/runs/run.ts'
import type { Database } from '../../../../../src/store/database/database.ts'

/** An attempt as the store has booked it. */
export interface BookedAttempt {
  readonly runId: RunId
  readonly step: number
  readonly attempt: number
  readonly status: 'open' | 'ok' | 'failed' | 'unknown'
  readonly agent: string
  readonly principal: string
  readonly provider: Provider
  readonly model: string
  readonly day: string
  readonly requestId: string | null
  readonly costMicroUsd: number | null
  readonly unknownMicroUsd: number
  readonly worstMicroUsd: number
  readonly worstTokens: number
  readonly capTokens: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly promptCacheSavedMicroUsd: number
  readonly outputTokens: number
}

export function bookedAttempts(database: Database): Promise<BookedAttempt[]> {
  return database.query<BookedAttempt & object>({
    text: `
      select run_id as "runId", step, attempt, status, agent, principal, provider, model, day::text,
        request_id as "requestId", cost_micro_usd as "costMicroUsd", unknown_micro_usd as "unknownMicroUsd",
        worst_micro_usd as "worstMicroUsd", worst_tokens as "worstTokens", cap_tokens as "capTokens",
        input_tokens as "inputTokens", cached_input_tokens as "cachedInputTokens", output_tokens as "outputTokens",
        cache_write_tokens as "cacheWriteTokens", prompt_cache_saved_micro_usd as "promptCacheSavedMicroUsd"
      from model_attempts order by run_id, attempt`,
  })
}
