import type { JsonObject } from '../contracts/json.ts'
import type { RunId } from '../contracts/run.ts'
import type { Db } from './database.ts'

export { type ClaimToolCall, claimToolCall } from './claim-tool-call.ts'
export { type StoreToolResult, storeToolResult } from './store-tool-result.ts'
export { countBegun, countFailed } from './tool-tries.ts'

/** The arguments that the model gave; null where there is no such call. */
export async function loadArguments(
  db: Db,
  { runId, step, index }: { readonly runId: RunId; readonly step: number; readonly index: number },
): Promise<JsonObject | null> {
  const [row] = await db.query<{ arguments: JsonObject | null }>({
    name: 'load_arguments',
    text: 'select arguments from tool_calls where run_id = $1 and step = $2 and index = $3 and again = 0',
    values: [runId, step, index],
  })
  return row?.arguments ?? null
}
