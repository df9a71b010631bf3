import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

const COUNT = statement(
  'count_useless_answers',
  `
  select count(*)::integer as count from model_attempts
  where run_id = :run_id and step = :step and hop = :hop and code = any (:codes::text[])`,
)

/** How many attempts of this hop have ended with one of these failures. */
export async function countUselessAnswers(
  db: Db,
  { runId, step, hop }: { readonly runId: RunId; readonly step: number; readonly hop: number },
  codes: readonly ErrorCode[],
): Promise<number> {
  const [row] = await db.query<{ count: number }>(COUNT.with({ run_id: runId, step, hop, codes: [...codes] }))
  return row?.count ?? 0
}
