import type { JsonObject } from '../../contracts/json.ts'
import type { Message } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/* What people, models and tools have said in one call. */

type OfRun = Pick<RunIdentity, 'runId' | 'tenant'>

/** What is new to the model since the answer before, and its answer, which is the last one. */
const MODEL_TEXTS = statement(
  'model_texts',
  `
  with call as (
    select run_id, seq from model_calls where run_id = :run_id and tenant = :tenant and step = :step and hop = :hop
  )
  select messages.message from call join messages on messages.run_id = call.run_id and messages.seq <= call.seq
    and messages.seq > coalesce(
      (select max(before.seq) from model_calls as before where before.run_id = call.run_id and before.seq < call.seq), -1
    )
  order by messages.seq`,
)

const TOOL_TEXTS = statement(
  'tool_texts',
  `
  select coalesce(edited.edited_arguments, call.arguments) as arguments, result.message ->> 'content' as result
  from tool_calls as call
  left join messages as result on result.run_id = call.run_id and result.seq = call.result_seq
  left join approvals as edited on edited.run_id = call.run_id and edited.step = call.step and edited.index = call.index
    and edited.status = 'edited'
  where call.run_id = :run_id and call.tenant = :tenant and call.step = :step and call.index = :index and call.again = 0`,
)

/** The messages of an answered model call, oldest first; the last one is the answer. Empty where there is no such answer. */
export async function findModelTexts(
  db: Db,
  { runId, tenant }: OfRun,
  { step, hop }: { readonly step: number; readonly hop: number },
): Promise<readonly Message[]> {
  const rows = await db.query<{ message: Message }>(MODEL_TEXTS.with({ run_id: runId, tenant, step, hop }))
  return rows.map(({ message }) => message)
}

export interface ToolTexts {
  /** Those of an edit, where a person has changed them. */
  readonly arguments: JsonObject | null
  readonly result: string | null
}

export async function findToolTexts(
  db: Db,
  { runId, tenant }: OfRun,
  { step, index }: { readonly step: number; readonly index: number },
): Promise<ToolTexts | null> {
  const [row] = await db.query<ToolTexts>(TOOL_TEXTS.with({ run_id: runId, tenant, step, index }))
  return row ?? null
}
