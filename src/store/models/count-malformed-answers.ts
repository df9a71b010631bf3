import type { RunId } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

const COUNT = statement(
  'count_malformed_answers',
  `
  select count(*)::integer as count from model_attempts
  where run_id = :run_id and step = :step and hop = :hop and code = 'model_answer_malformed'`,
)

/** How many answers of this hop could not be understood. Each has been paid for. */
export async function countMalformedAnswers(
  db: Db,
  { runId, step, hop }: { readonly runId: RunId; readonly step: number; readonly hop: number },
): Promise<number> {
  const [row] = await db.query<{ count: number }>(COUNT.with({ run_id: runId, step, hop }))
  return row?.count ?? 0
}
