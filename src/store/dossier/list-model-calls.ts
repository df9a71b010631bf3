import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { ModelDecision } from '../../contracts/models/model-call.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { StepRange } from './step-range.ts'

/** An attempt as it stands in the books. Times are RFC 3339. */
export interface BookedAttemptRow {
  readonly step: number
  readonly hop: number
  readonly attempt: number
  readonly provider: string
  readonly model: string
  readonly servedBy: string | null
  readonly requestId: string | null
  readonly status: 'open' | 'ok' | 'failed' | 'unknown'
  readonly code: ErrorCode | null
  readonly maxOutputTokens: number
  readonly worstMicroUsd: number | null
  readonly costMicroUsd: number | null
  readonly unknownMicroUsd: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly usageEstimated: boolean
  /** How often the answer was taken up by a later attempt of the activity. */
  readonly reattached: number
  readonly beganAt: string
  readonly endedAt: string | null
}

/** The answer that counts for a hop. */
export interface StoredAnswerRow {
  readonly step: number
  readonly hop: number
  readonly provider: string
  readonly model: string
  readonly messageSeq: number
  readonly decision: ModelDecision
  readonly latencyMs: number
  readonly at: string
}

/** What the answer cache said of a hop. */
export interface CacheLookUpRow {
  readonly step: number
  readonly hop: number
  readonly outcome: 'waits' | 'miss' | 'exact' | 'semantic' | 'lexical'
  readonly savedMicroUsd: number
  readonly beganAt: string
}

const IN_RANGE = 'run_id = :run_id and tenant = :tenant and step between :first and :last'

const LIST_ATTEMPTS = statement(
  'list_attempts_of_steps',
  `
  select step, hop, attempt, provider, model, served_by as "servedBy", request_id as "requestId", status, code,
    cap_tokens as "maxOutputTokens", worst_micro_usd as "worstMicroUsd", cost_micro_usd as "costMicroUsd",
    unknown_micro_usd as "unknownMicroUsd", input_tokens as "inputTokens", cached_input_tokens as "cachedInputTokens",
    cache_write_tokens as "cacheWriteTokens", output_tokens as "outputTokens", reasoning_tokens as "reasoningTokens",
    usage_estimated as "usageEstimated", reattached, began_at as "beganAt", ended_at as "endedAt"
  from model_attempts where ${IN_RANGE} order by step, attempt`,
)

const LIST_ANSWERS = statement(
  'list_answers_of_steps',
  `
  select step, hop, provider, model, seq as "messageSeq", decision, latency_ms as "latencyMs", created_at as at
  from model_calls where ${IN_RANGE} order by step, hop`,
)

const LIST_LOOK_UPS = statement(
  'list_look_ups_of_steps',
  `
  select step, hop, outcome, saved_micro_usd as "savedMicroUsd", began_at as "beganAt"
  from cache_look_ups where ${IN_RANGE} order by step, hop`,
)

const valuesOf = ({ tenant, runId, first, last }: StepRange) => ({ run_id: runId, tenant, first, last })

/** In the order in which they were booked. */
export function listAttempts(db: Db, range: StepRange): Promise<BookedAttemptRow[]> {
  return db.query<BookedAttemptRow>(LIST_ATTEMPTS.with(valuesOf(range)))
}

export function listAnswers(db: Db, range: StepRange): Promise<StoredAnswerRow[]> {
  return db.query<StoredAnswerRow>(LIST_ANSWERS.with(valuesOf(range)))
}

export function listCacheLookUps(db: Db, range: StepRange): Promise<CacheLookUpRow[]> {
  return db.query<CacheLookUpRow>(LIST_LOOK_UPS.with(valuesOf(range)))
}
