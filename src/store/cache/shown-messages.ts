import type { Message } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { NEVER_USED, SHOWN } from '../models/model-call-view.ts'
import { OF_TENANT } from '../record/change-run.ts'

export interface FindShownMessages {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  /** As in {@link BeginModelCall}; so are `inbox` and `firstTimeOf`. */
  readonly seq: number
  readonly inbox: readonly string[]
  readonly firstTimeOf: readonly string[]
}

export interface ShownMessages {
  /** Empty where the call has been answered already. */
  readonly transcript: readonly Message[]
  readonly neverUsed: readonly string[]
}

/*
 *   run    the run; its row is not locked
 *   call   the call, where it has been answered
 *   shown  the messages
 */
const FIND = statement(
  'find_shown_messages',
  `
  with run as (select id, tenant, principal from runs where id = :run_id and ${OF_TENANT}),
  call as (select from model_calls, run where run_id = :run_id and step = :step and hop = :hop),
  ${SHOWN}
  select (select json_agg(message order by place) from shown) as transcript, ${NEVER_USED} as "neverUsed"
  from run`,
)

/** What `beginModelCall` would show to the model. */
export async function findShownMessages(db: Db, find: FindShownMessages): Promise<ShownMessages> {
  const { run, step, hop, seq, inbox, firstTimeOf } = find
  const [row] = await db.query<{ readonly [K in keyof ShownMessages]: ShownMessages[K] | null }>(
    FIND.with({ run_id: run.runId, tenant: run.tenant, step, hop, seq, inbox, tools: firstTimeOf }),
  )
  return { transcript: row?.transcript ?? [], neverUsed: row?.neverUsed ?? [] }
}
