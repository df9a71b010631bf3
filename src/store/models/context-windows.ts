import type { CompactedTranscript } from '../../contracts/models/context.ts'
import type { Message, UserMessage } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { type NamedStatement, statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, type NewEvent, noSuchRun, RESULT } from '../record/change-run.ts'
import {
  EARLIER_MESSAGES,
  EARLIER_SHOWN,
  FIRST_PLACE,
  INHERITED_WINDOW,
  isInThread,
  threadValues,
} from '../record/turns.ts'

/** Which part of a transcript an agent's models are shown. */
export interface ContextWindow {
  /** Messages from this place on are shown, and of those before it the ones at the places in `kept`. */
  readonly fromSeq: number
  readonly kept: readonly number[]
  /** Shown just before `fromSeq`, in the place of the messages that are left out; null where there are none. */
  readonly lead: UserMessage | null
  /** Tool results are shown up to this size; null: whole. */
  readonly resultBytes: number | null
}

/** The window of a transcript that was never compacted. */
export const WHOLE_TRANSCRIPT = { fromSeq: FIRST_PLACE, kept: [] } as const

/** `run/agent/number` */
export interface WindowKey {
  readonly run: RunIdentity
  readonly agent: string
  readonly number: number
}

export interface StoreWindow extends WindowKey {
  readonly window: ContextWindow
  readonly outcome: CompactedTranscript
  readonly event: NewEvent
}

const STORE = statement(
  'store_context_window',
  `
  with ${LOCK_RUN},
  window_added as (
    insert into context_windows (run_id, agent, number, tenant, from_seq, kept, lead, result_bytes, outcome)
    select id, :agent, :number, tenant, :from_seq, :kept::integer[], :lead::json, :result_bytes, :outcome::json
    from run where open
    on conflict do nothing
    returning run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from window_added where runs.id = window_added.run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** Stores a window with its event. False where its key has one already, or the run has ended. */
export function storeWindow(
  db: Db,
  { run, agent, number, window, outcome, event }: StoreWindow,
): Promise<boolean> {
  const { fromSeq, kept, lead, resultBytes } = window
  return changeRun(db, STORE, {
    run,
    events: [event],
    values: {
      agent,
      number,
      from_seq: fromSeq,
      kept,
      lead: lead === null ? null : storableJson(lead),
      result_bytes: resultBytes,
      outcome: storableJson(outcome),
    },
  })
}

const FIND = statement(
  'find_context_window',
  `
  select from_seq as "fromSeq", kept, lead, result_bytes as "resultBytes", outcome
  from context_windows
  where run_id = :run_id and tenant = :tenant and agent = :agent and number = :number`,
)

export async function findWindow(
  db: Db,
  { run, agent, number }: WindowKey,
): Promise<(ContextWindow & { readonly outcome: CompactedTranscript }) | null> {
  const key = { run_id: run.runId, tenant: run.tenant, agent, number }
  const [row] = await db.query<ContextWindow & { readonly outcome: CompactedTranscript }>(FIND.with(key))
  return row ?? null
}

const FIND_INHERITED = statement(
  'find_inherited_window',
  `select from_seq as "fromSeq", kept, lead, result_bytes as "resultBytes", places from (${INHERITED_WINDOW}) as inherited`,
)

/** The agent's window of this number. 0 stands for the one that the thread's earlier turns have left; null where there is none. */
export async function findPresentWindow(db: Db, key: WindowKey): Promise<ContextWindow | null> {
  const { run, agent, number } = key
  if (number > 0) return findWindow(db, key)
  if (!isInThread(run)) return null
  const [row] = await db.query<ContextWindow & { readonly places: number }>(
    FIND_INHERITED.with({ ...threadValues(run), agent }),
  )
  if (row === undefined) return null
  const { places, lead, ...window } = row
  return { ...window, lead: lead && moved(lead, places) }
}

/** The words with the positions of what they stand for, so many places on. */
function moved(lead: UserMessage, places: number): UserMessage {
  const { standsFor } = lead
  if (standsFor === undefined) return lead
  const { fromSeq, toSeq } = standsFor
  return { ...lead, standsFor: { ...standsFor, fromSeq: fromSeq + places, toSeq: toSeq + places } }
}

const FIND_SHOWN = shownInWindow('find_shown_in_window')
const FIND_SHOWN_IN_THREAD = shownInWindow(
  'find_shown_in_thread_window',
  `
  union all
  select place, message from window_of, lateral (${EARLIER_SHOWN}) as earlier`,
)

function shownInWindow(name: string, earlier = ''): NamedStatement {
  return statement(
    name,
    `
  with window_of as (select :from_seq::integer as from_seq, :kept::integer[] as kept)
  select messages.seq, message from window_of, messages
  where run_id = :run_id and tenant = :tenant and seq < :seq and (seq >= from_seq or seq = any (kept))${earlier}
  union all
  select :seq + listed.n, inbox.message
  from unnest(:inbox::text[]) with ordinality as listed (id, n)
  join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
  order by seq`,
  )
}

/** A message at its place. Added messages have places from `seq` on. */
export interface PlacedMessage {
  readonly seq: number
  readonly message: Message
}

/** The messages that a window shows, without its lead. */
export function findShown(
  db: Db,
  run: RunIdentity,
  { seq, inbox }: { readonly seq: number; readonly inbox: readonly string[] },
  { fromSeq, kept }: Pick<ContextWindow, 'fromSeq' | 'kept'>,
): Promise<PlacedMessage[]> {
  const values = { run_id: run.runId, tenant: run.tenant, seq, inbox, from_seq: fromSeq, kept }
  return db.query<PlacedMessage>(
    isInThread(run)
      ? FIND_SHOWN_IN_THREAD.with({ ...values, ...threadValues(run) })
      : FIND_SHOWN.with(values),
  )
}

const FIND_EXTENT = extent('find_context_extent')
const FIND_EXTENT_IN_THREAD = extent(
  'find_context_extent_in_thread',
  `
    + (select count(*)::integer from (${EARLIER_MESSAGES}) as earlier)`,
)

function extent(name: string, earlier = ''): NamedStatement {
  return statement(
    name,
    `
  select (select count(*)::integer from messages where run_id = :run_id and seq < :seq)${earlier} as messages,
    case when context_model = :context_key then context_tokens end as tokens, context_seq as "tokensSeq"
  from runs where id = :run_id and tenant = :tenant`,
  )
}

/** How long a transcript is. */
export interface ContextExtent {
  readonly messages: number
  /**
   * The provider's count of the last request and its answer, which stands at `tokensSeq`; null where it was another kind of request, or the
   * provider counted nothing.
   */
  readonly tokens: number | null
  readonly tokensSeq: number | null
}

/** @param contextKey of the requests that are asked about */
export async function findExtent(
  db: Db,
  run: RunIdentity,
  { seq, contextKey }: { readonly seq: number; readonly contextKey: string },
): Promise<ContextExtent> {
  const values = { run_id: run.runId, tenant: run.tenant, seq, context_key: contextKey }
  const [row] = await db.query<ContextExtent>(
    isInThread(run)
      ? FIND_EXTENT_IN_THREAD.with({ ...values, ...threadValues(run) })
      : FIND_EXTENT.with(values),
  )
  if (row === undefined) throw noSuchRun(run.runId)
  return row
}
