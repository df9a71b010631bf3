import type { TranscriptEntry, UserMessage } from '../../contracts/message.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'

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
  /** Who says it. */
  readonly by: string
  /** Shown to the model before the text. */
  readonly introduction?: string
}

interface AddedRow {
  readonly open: boolean
  readonly is_full: boolean
  readonly added: boolean
  readonly named_again: boolean
  readonly same: boolean | null
}

const ADD = `
  with run as (
    select id, tenant, completed_at is null as open, inbox_added - inbox_placed >= $5 as is_full
    from runs where id = $1 and tenant = $2 for no key update
  ),
  added as (
    insert into inbox_messages (run_id, id, tenant, message)
    select id, $3, tenant, $4::json from run where open and not is_full
    on conflict do nothing
    returning run_id
  ),
  counted as (
    update runs set inbox_added = inbox_added + 1 from added where runs.id = added.run_id
  ),
  named_again as (
    update inbox_messages as inbox set signals = inbox.signals + 1
    from run
    where run.open and inbox.run_id = run.id and inbox.id = $3 and not inbox.placed and inbox.signals < $6
    returning inbox.id
  )
  select open, is_full, exists (select from added) as added, exists (select from named_again) as named_again,
    (
      -- Whoever added a message before messages had authors is taken for whoever sends it again.
      select message ->> 'text' = $4::json ->> 'text' and coalesce(message ->> 'by', $4::json ->> 'by') = $4::json ->> 'by'
      from inbox_messages where run_id = $1 and id = $3
    ) as same
  from run`

/**
 * Keeps a message for a run under way, until a model call places it in the transcript. What is added is read: the run does
 * not complete before. `exists`: the run may not have heard of it yet. `known`: it has been shown, or named often enough.
 * `differs`: the id is another message's, or another author's. `full`: as many wait as may. `ended`: the run has ended, so nothing was
 * added; one that was added before is still `exists`.
 */
export async function addInboxMessage(
  db: Db,
  inboxMessage: InboxMessage,
): Promise<'added' | 'exists' | 'known' | 'differs' | 'full' | 'ended' | 'no_run'> {
  const { id, tenant, runId, text, by, introduction } = inboxMessage
  const message: UserMessage = { role: 'user', text, by, ...(introduction !== undefined && { introduction }) }
  const [row] = await db.query<AddedRow>({
    name: 'add_inbox_message',
    text: ADD,
    values: [
      runId,
      tenant,
      id,
      storableJson(message),
      REQUEST_LIMITS.unreadMessages,
      REQUEST_LIMITS.signalsOfMessage,
    ],
  })
  if (row === undefined) return 'no_run'
  if (row.added) return 'added'
  if (row.same !== null) return !row.same ? 'differs' : row.named_again ? 'exists' : 'known'
  if (row.open && row.is_full) return 'full'
  // Its twin was added while this one waited for the run's row, too late to be seen: the next look sees it.
  return row.open ? addInboxMessage(db, inboxMessage) : 'ended'
}

/** An added message that the store has. */
export interface KnownMessage {
  readonly id: string
  /** null where it was added before messages had authors. */
  readonly by: string | null
}

/** Those of the ids that are messages added to the run, in the order of the ids. */
export async function findInboxMessages(
  db: Db,
  { runId }: RunIdentity,
  ids: readonly string[],
): Promise<KnownMessage[]> {
  if (ids.length === 0) return []
  return db.query<KnownMessage>({
    name: 'find_inbox_messages',
    text: `
      select inbox.id, inbox.message ->> 'by' as by
      from unnest($2::text[]) with ordinality as listed (id, n)
      join inbox_messages as inbox on inbox.run_id = $1 and inbox.id = listed.id
      order by listed.n`,
    values: [runId, ids],
  })
}
