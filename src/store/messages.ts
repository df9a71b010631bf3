import type { TranscriptEntry } from '../contracts/message.ts'
import type { Db } from './database.ts'
import { storableJson } from './storable.ts'

export interface MessagePage {
  readonly tenant: string
  readonly runId: string
  /** The last seq of the page before. */
  readonly after?: number
  readonly limit: number
}

/** In order of the transcript. */
export async function listMessages(
  db: Db,
  { tenant, runId, after = -1, limit }: MessagePage,
): Promise<TranscriptEntry[]> {
  return db.query<TranscriptEntry>({
    name: 'list_messages',
    text: `
      select seq, message, created_at as "createdAt" from messages
      where run_id = $1 and tenant = $2 and seq > $3
      order by seq limit $4`,
    values: [runId, tenant, after, limit],
  })
}

/** The whole of it. */
export async function loadTranscript(db: Db, tenant: string, runId: string): Promise<TranscriptEntry[]> {
  return db.query<TranscriptEntry>({
    name: 'load_transcript',
    text: `
      select seq, message, created_at as "createdAt" from messages
      where run_id = $1 and tenant = $2 order by seq`,
    values: [runId, tenant],
  })
}

export interface InboxMessage {
  /** The caller's choice, so that adding it twice is adding it once. */
  readonly id: string
  readonly tenant: string
  readonly runId: string
  readonly text: string
}

const ADD = `
  with run as (
    select id, tenant, completed_at is null as open from runs where id = $1 and tenant = $2 for no key update
  ),
  added as (
    insert into inbox_messages (run_id, id, tenant, message)
    select id, $3, tenant, $4::json from run where open
    on conflict do nothing
    returning run_id
  ),
  counted as (
    update runs set inbox_added = inbox_added + 1 from added where runs.id = added.run_id
  )
  select open, exists (select from added) as added,
    (select message::text = $4::json::text from inbox_messages where run_id = $1 and id = $3) as same
  from run`

/**
 * Keeps a message for a run under way, until a model call places it in the transcript. What is added is read: the run does
 * not complete before. `differs`: the id is another message's. `ended`: the run has ended, so nothing was added.
 */
export async function addInboxMessage(
  db: Db,
  inboxMessage: InboxMessage,
): Promise<'added' | 'exists' | 'differs' | 'ended' | 'no_run'> {
  const { id, tenant, runId, text } = inboxMessage
  const [row] = await db.query<{ open: boolean; added: boolean; same: boolean | null }>({
    name: 'add_inbox_message',
    text: ADD,
    values: [runId, tenant, id, storableJson({ role: 'user', text })],
  })
  if (row === undefined) return 'no_run'
  if (row.added) return 'added'
  if (row.same !== null) return row.same ? 'exists' : 'differs'
  // Its twin was added while this one waited for the run's row, too late to be seen: the next look sees it.
  return row.open ? addInboxMessage(db, inboxMessage) : 'ended'
}
