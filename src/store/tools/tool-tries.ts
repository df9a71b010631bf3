import type { Db } from '../database/database.ts'
import type { ToolCallKey } from './find-tool-call.ts'

/** How often a call was begun, and how often the tool itself has failed it. Not counted: tries that our own side failed. */
export interface ToolTries {
  readonly begun: number
  readonly failed: number
}

/** One more try of a call begins, after one of which nobody has seen the end. */
export function countBegun(db: Db, key: ToolCallKey): Promise<ToolTries> {
  return count(db, 'count_begun', 'begun = begun + 1', key)
}

/** The tool has failed a try. */
export function countFailed(db: Db, key: ToolCallKey): Promise<ToolTries> {
  return count(db, 'count_failed', 'failed = failed + 1', key)
}

async function count(db: Db, name: string, change: string, key: ToolCallKey): Promise<ToolTries> {
  const { run, step, index, again } = key
  const [row] = await db.query<ToolTries>({
    name,
    text: `
      update tool_calls set ${change}
      where run_id = $1 and tenant = $2 and step = $3 and index = $4 and again = $5
      returning begun, failed`,
    values: [run.runId, run.tenant, step, index, again],
  })
  if (row === undefined) throw new Error(`Run ${run.runId} has no call ${step}/${index}.`)
  return row
}
