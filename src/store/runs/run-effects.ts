import type { ToolOutcome } from '../../contracts/activities.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'

/** A call that was begun and changes something. */
export interface EffectOfRun {
  readonly tool: string
  readonly arguments: JsonObject
  /** null where nobody saw its end. */
  readonly outcome: ToolOutcome | null
}

const EFFECTS = `
  with family as (
    select id from runs where tenant = $2 and (id = $1 or parent_run_id = $1)
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
  limit $3`

/** What the run and its sub-agents have done that changes something, the latest ones, oldest first. */
export async function findEffects(
  db: Db,
  { runId, tenant }: RunIdentity,
  limit: number,
): Promise<EffectOfRun[]> {
  const values = [runId, tenant, limit]
  return (await db.query<EffectOfRun>({ name: 'find_effects', text: EFFECTS, values })).reverse()
}
