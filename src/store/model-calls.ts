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
  /** Tools of which it is asked whether the run's principal has had them succeed before. */
  readonly firstTimeOf?: readonly string[]
}

export interface ModelCallView {
  readonly transcript: readonly Message[]
  /** Those of `firstTimeOf` that have never succeeded for the principal. */
  readonly neverUsed: readonly string[]
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
  ) as transcript, (
    select json_agg(asked.tool) from unnest($6::text[]) as asked (tool)
    where not exists (
      select from runs
      join tools_used as used on used.tenant = runs.tenant and used.principal = runs.principal and used.tool = asked.tool
      where runs.id = $1
    )
  ) as "neverUsed"
  from (select) as one
  left join model_calls as call on call.run_id = $1 and call.step = $2 and call.hop = $3`

/** In one round trip: the decision that this call has come to already, or what the model is to be shown. */
export async function loadModelCall(
  db: Db,
  { runId, step, hop, seq, inbox, firstTimeOf = [] }: LoadModelCall,
): Promise<{ readonly stored: ModelDecision } | ModelCallView> {
  const [row] = await db.query<{ stored: ModelDecision | null } & Nullable<ModelCallView>>({
    name: 'load_model_call',
    text: LOAD,
    values: [runId, step, hop, seq, inbox, firstTimeOf],
  })
  if (row?.stored) return { stored: row.stored }
  return { transcript: row?.transcript ?? [], neverUsed: row?.neverUsed ?? [] }
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null }
