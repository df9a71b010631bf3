import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** A tool call that was started, and whose tool changes something. */
export interface EffectOfRun {
  readonly tool: string
  readonly arguments: JsonObject
  /** null where the call's end is unknown. */
  readonly outcome: ToolOutcome | null
}

const FIND_EFFECTS = statement(
  'find_effects',
  `
  with family as (
    select id from runs where tenant = :tenant and (id = :run_id or parent_run_id = :run_id)
  )
  select call.tool, coalesce(edited.edited_arguments, first.arguments, '{}') as arguments, call.outcome
  from family
  join tool_calls as call on call.run_id = family.id
  join tool_calls as first
    on first.run_id = call.run_id and first.step = call.step and first.index = call.index and first.again = 0
  left join approvals as edited
    on edited.run_id = call.run_id and edited.step = call.step and edited.index = call.index
    and edited.status = 'edited'
  where call.started_at is not null and call.effect <> 'read'
  order by call.started_at desc, call.step desc, call.index desc
  limit :limit`,
)

/** The latest `limit` effects of the run and its sub-agents, oldest first. */
export async function findEffects(
  db: Db,
  { runId, tenant }: RunIdentity,
  limit: number,
): Promise<EffectOfRun[]> {
  return (await db.query<EffectOfRun>(FIND_EFFECTS.with({ run_id: runId, tenant, limit }))).reverse()
}
