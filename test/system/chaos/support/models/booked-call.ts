import type { ErrorCode } from '../../../../../src/contracts/error-codes.ts'
import type { Database } from '../../../../../src/store/database/database.ts'

/** An attempt as the store has booked it, embeddings left out: their server is free here. */
export interface BookedCall {
  readonly runId: string
  readonly model: string
  readonly status: 'open' | 'ok' | 'failed' | 'unknown'
  readonly code: ErrorCode | null
  readonly requestId: string | null
  readonly responseId: string | null
  /** null where nobody knows it. */
  readonly costMicroUsd: number | null
  /** What is counted in its place. */
  readonly unknownMicroUsd: number
}

export function bookedCalls(database: Database): Promise<BookedCall[]> {
  return database.query<BookedCall & object>({
    text: `
      select run_id as "runId", model, status, code, request_id as "requestId", response_id as "responseId",
        cost_micro_usd as "costMicroUsd", unknown_micro_usd as "unknownMicroUsd"
      from model_attempts where provider <> 'embeddings' order by run_id, attempt`,
  })
}
