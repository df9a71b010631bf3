import type { ToolOutcome } from '../contracts/activities.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { RunIdentity } from '../contracts/run.ts'
import type { Db } from './database.ts'

/** What a model said, at its place in the transcript. */
export interface Words {
  readonly seq: number
  readonly text: string
  /** It stood by itself. Otherwise it came with tool calls. */
  readonly isAnswer: boolean
}

/** The model's last answer; where it has given none, the last that it said beside its tool calls. */
export async function findLastWords(db: Db, { runId, tenant }: RunIdentity): Promise<Words | null> {
  const [words] = await db.query<Words>({
    name: 'find_last_words',
    text: `
      select * from (
        select call.step, messages.seq, messages.message ->> 'text' as text,
          json_array_length(call.decision -> 'toolCalls') = 0 as "isAnswer"
        from model_calls as call
        join messages on messages.run_id = call.run_id and messages.seq = call.seq
        where call.run_id = $1 and call.tenant = $2 and messages.message ->> 'role' = 'assistant'
      ) as said
      where btrim(text) <> ''
      order by "isAnswer" desc, step desc
      limit 1`,
    values: [runId, tenant],
  })
  return words === undefined ? null : { seq: words.seq, text: words.text, isAnswer: words.isAnswer }
}

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
