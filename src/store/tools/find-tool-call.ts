import type { RunIdentity } from '../../contracts/run.ts'
import type { ToolOutcome } from '../../contracts/tool-call.ts'
import type { Db } from '../database/database.ts'

/** `run/step/index/again`: a tool call, and which time a person has had it made. */
export interface ToolCallKey {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  readonly again: number
}

export interface ToolCallState {
  readonly outcome: ToolOutcome | null
  readonly startedAt: string | null
  /** Who has begun it; null in rows of an earlier release. */
  readonly claimant: string | null
}

export async function findToolCall(
  db: Db,
  { run, step, index, again }: ToolCallKey,
): Promise<ToolCallState | undefined> {
  const [row] = await db.query<ToolCallState>({
    name: 'find_tool_call',
    text: `
      select outcome, started_at as "startedAt", claimant from tool_calls
      where run_id = $1 and step = $2 and index = $3 and again = $4`,
    values: [run.runId, step, index, again],
  })
  return row
}
