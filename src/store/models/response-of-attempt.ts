import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { OF_TENANT } from '../record/change-run.ts'

export interface ResponseOfAttempt {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** As `beginModelCall` returned it. */
  readonly attempt: number
  /** The provider's id of a response in the background; null once it can't be read any more. */
  readonly responseId: string | null
}

/** Only of an attempt whose end nobody has seen. It changes nothing that is counted, so the run's row is not locked. */
const NOTE = statement(
  'note_response',
  `
  update model_attempts set response_id = :response_id
  where run_id = :run_id and ${OF_TENANT} and step = :step and hop = :hop and attempt = :attempt
    and status in ('open', 'unknown') and code is null`,
)

/** Notes the response that answers an attempt, so that a later attempt of the activity can read it instead of asking again. */
export async function noteResponse(
  db: Db,
  { run, step, hop, attempt, responseId }: ResponseOfAttempt,
): Promise<void> {
  await db.query(
    NOTE.with({
      run_id: run.runId,
      tenant: run.tenant,
      step,
      hop,
      attempt,
      response_id: storableText(responseId),
    }),
  )
}
