import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { RunRow } from '../record/run-row.ts'

const FIND = statement(
  'find_interrupted_turns',
  `
  select runs.id, runs.workflow_id as "workflowId" from thread_turns as turn join runs on runs.id = turn.run_id
  where turn.messages is null and turn.interrupted_at < now() - :older_than_ms * interval '1 millisecond' and runs.completed_at is null
  limit :limit`,
)

/** Turns of every tenant that are to end for another one, and are still in flight after so long: their cancel may not have arrived. */
export async function findInterruptedTurns(
  db: Db,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<Pick<RunRow, 'id' | 'workflowId'>[]> {
  return db.query(FIND.with({ older_than_ms: olderThanMs, limit }))
}
