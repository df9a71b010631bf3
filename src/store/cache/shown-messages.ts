import type { Message } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { type NamedStatement, statement } from '../database/statement.ts'
import { NEVER_USED, SHOWN, SHOWN_WITH_EARLIER } from '../models/model-call-view.ts'
import { OF_TENANT } from '../record/change-run.ts'
import { INHERITED_WINDOW, isInThread, threadValues } from '../record/turns.ts'

export interface FindShownMessages {
  readonly run: RunIdentity
  readonly agent: string
  readonly step: number
  readonly hop: number
  /** As in {@link BeginModelCall}; so are `inbox` and `firstTimeOf`. */
  readonly seq: number
  readonly inbox: readonly string[]
  readonly firstTimeOf: readonly string[]
}

export interface ShownMessages {
  /** Empty where the call has been answered already, or the model is shown a part of the thread only. */
  readonly transcript: readonly Message[]
  readonly neverUsed: readonly string[]
}

/*
 *   run    the run; its row is not locked
 *   call   the call, where it has been answered
 *   shown  the messages
 */
const FIND = finding('find_shown_messages', SHOWN, 'true')
const FIND_IN_THREAD = finding(
  'find_shown_messages_in_thread',
  SHOWN_WITH_EARLIER,
  `not exists (${INHERITED_WINDOW})`,
)

function finding(name: string, shown: string, isWhole: string): NamedStatement {
  return statement(
    name,
    `
  with run as (select id, tenant, principal from runs where id = :run_id and ${OF_TENANT}),
  call as (select from model_calls, run where run_id = :run_id and step = :step and hop = :hop),
  ${shown}
  select case when ${isWhole} then (select json_agg(message order by place) from shown) end as transcript, ${NEVER_USED} as "neverUsed"
  from run`,
  )
}

/** What `beginModelCall` would show to the model. */
export async function findShownMessages(db: Db, find: FindShownMessages): Promise<ShownMessages> {
  const { run, agent, step, hop, seq, inbox, firstTimeOf } = find
  const values = { run_id: run.runId, tenant: run.tenant, step, hop, seq, inbox, tools: firstTimeOf }
  const [row] = await db.query<{ readonly [K in keyof ShownMessages]: ShownMessages[K] | null }>(
    isInThread(run) ? FIND_IN_THREAD.with({ ...values, ...threadValues(run), agent }) : FIND.with(values),
  )
  return { transcript: row?.transcript ?? [], neverUsed: row?.neverUsed ?? [] }
}
