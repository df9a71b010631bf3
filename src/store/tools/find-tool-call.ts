import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { HANDED_BY, type HandedBy } from './handed-by.ts'

/** `run/step/index/again` names a tool call. `again` counts the repetitions that a person has approved; 0 is the first call. */
export interface ToolCallKey {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  readonly again: number
}

export interface ToolCallState extends HandedBy {
  readonly outcome: ToolOutcome | null
  readonly startedAt: string | null
  /** The attempt that has begun the call; null in rows of an earlier release. */
  readonly claimant: string | null
}

const FIND = statement(
  'find_tool_call',
  `
  select outcome, started_at as "startedAt", claimant, ${HANDED_BY} as "handedBy" from tool_calls
  where run_id = :run_id and step = :step and index = :index and again = :again`,
)

export async function findToolCall(
  db: Db,
  { run, step, index, again }: ToolCallKey,
): Promise<ToolCallState | undefined> {
  const [row] = await db.query<ToolCallState>(FIND.with({ run_id: run.runId, step, index, again }))
  return row
}
