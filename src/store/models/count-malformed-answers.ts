import type { RunId } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'

/** How many answers of this hop could not be understood. Each has been paid for. */
export async function countMalformedAnswers(
  db: Db,
  { runId, step, hop }: { readonly runId: RunId; readonly step: number; readonly hop: number },
): Promise<number> {
  const [row] = await db.query<{ count: number }>({
    name: 'count_malformed_answers',
    text: `
      select count(*)::integer as count from model_attempts
      where run_id = $1 and step = $2 and hop = $3 and code = 'model_answer_malformed'`,
    values: [runId, step, hop],
  })
  return row?.count ?? 0
}
