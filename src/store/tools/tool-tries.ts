import type { Db } from '../database/database.ts'
import { type NamedStatement, statement } from '../database/statement.ts'
import type { ToolCallKey } from './find-tool-call.ts'
import { HANDED_BY, type HandedBy } from './handed-by.ts'

/** Tries of a tool call. A try that our own side failed is not counted. */
export interface ToolTries {
  readonly begun: number
  /** Tries that the tool itself has failed. */
  readonly failed: number
}

const COUNT_BEGUN = counting('count_begun', 'begun = begun + 1', 'begun, failed')
const COUNT_FAILED = counting(
  'count_failed',
  'failed = failed + 1',
  `begun, failed, ${HANDED_BY} as "handedBy"`,
)

function counting(name: string, change: string, returned: string): NamedStatement {
  return statement(
    name,
    `
    update tool_calls set ${change}
    where run_id = :run_id and tenant = :tenant and step = :step and index = :index and again = :again
    returning ${returned}`,
  )
}

/** Counts a try that begins after one whose end nobody saw. */
export function countBegun(db: Db, key: ToolCallKey): Promise<ToolTries> {
  return count(db, COUNT_BEGUN, key)
}

/** Counts a try that the tool has failed. */
export function countFailed(db: Db, key: ToolCallKey): Promise<ToolTries & HandedBy> {
  return count(db, COUNT_FAILED, key)
}

async function count<T extends ToolTries>(db: Db, statement: NamedStatement, key: ToolCallKey): Promise<T> {
  const { run, step, index, again } = key
  const [row] = await db.query<T>(
    statement.with({ run_id: run.runId, tenant: run.tenant, step, index, again }),
  )
  if (row === undefined) throw new Error(`Run ${run.runId} has no call ${step}/${index}.`)
  return row
}
