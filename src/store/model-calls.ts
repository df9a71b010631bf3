import type { ModelDecision } from '../contracts/activities.ts'
import type { Message } from '../contracts/message.ts'
import type { RunId } from '../contracts/run.ts'
import type { Db } from './database.ts'

export { type StoreModelCall, storeModelCall } from './store-model-call.ts'

export interface LoadModelCall {
  readonly runId: RunId
  readonly step: number
  readonly hop: number
  /** Transcript position of the answer; what is before it is loaded. */
  readonly seq: number
  /** Ids of added messages, shown after the transcript in this order. */
  readonly inbox: readonly string[]
}

// Inbox messages have no place in the transcript yet, or the places just before the answer: those are left out here.
const LOAD = `
  select call.decision as stored, (
    select json_agg(shown.message order by shown.place) from (
      select seq as place, message from messages
      where run_id = $1 and seq < $4 - cardinality($5::text[]) and call.decision is null
      union all
      select $4 + listed.n, inbox.message
      from unnest($5::text[]) with ordinality as listed (id, n)
      join inbox_messages as inbox on inbox.run_id = $1 and inbox.id = listed.id
    ) as shown
  ) as transcript
  from (select) as one
  left join model_calls as call on call.run_id = $1 and call.step = $2 and call.hop = $3`

/** In one round trip: the decision that this call has come to already, or what the model is to be shown. */
export async function loadModelCall(
  db: Db,
  { runId, step, hop, seq, inbox }: LoadModelCall,
): Promise<{ stored: ModelDecision } | { transcript: Message[] }> {
  const [row] = await db.query<{ stored: ModelDecision | null; transcript: Message[] | null }>({
    name: 'load_model_call',
    text: LOAD,
    values: [runId, step, hop, seq, inbox],
  })
  return row?.stored ? { stored: row.stored } : { transcript: row?.transcript ?? [] }
}
