import type { MessageFile } from '../../contracts/files/message-file.ts'
import type { TranscriptEntry, UserMessage } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import type { Db } from '../database/database.ts'
import { type Bounded, boundedByBytes, type Listed, toListed } from '../database/page.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { addFileUses } from './file-uses.ts'

export interface MessagePage {
  readonly tenant: string
  readonly runId: string
  /** The last seq of the page before. */
  readonly after?: number
  readonly limit: number
}

const LIST_MESSAGES = statement(
  'list_messages',
  boundedByBytes({
    select: 'seq, message, created_at as "createdAt"',
    from: 'messages',
    bytes: 'octet_length(message::text)',
    where: 'run_id = :run_id and tenant = :tenant and seq > :after',
    order: 'seq',
  }),
)

const LOAD_TRANSCRIPT = statement(
  'load_transcript',
  `
  select seq, message, created_at as "createdAt" from messages
  where run_id = :run_id and tenant = :tenant order by seq`,
)

/** In order of the transcript: at most `limit`, and fewer where they are large. */
export async function listMessages(
  db: Db,
  { tenant, runId, after = -1, limit }: MessagePage,
): Promise<Listed<TranscriptEntry>> {
  const list = LIST_MESSAGES.with({ run_id: runId, tenant, after, limit: limit + 1 })
  return toListed(await db.query<TranscriptEntry & Bounded>(list), limit)
}

/** All messages of the transcript, in order. */
export async function loadTranscript(db: Db, tenant: string, runId: string): Promise<TranscriptEntry[]> {
  return db.query<TranscriptEntry>(LOAD_TRANSCRIPT.with({ run_id: runId, tenant }))
}

export interface InboxMessage {
  /** Chosen by the caller, so that a repeated request adds the message once. */
  readonly id: string
  readonly tenant: string
  readonly runId: string
  readonly text: string
  readonly files?: readonly MessageFile[]
  /** The author: a principal's id. */
  readonly by: string
  /** Text that the model is shown before the message. */
  readonly introduction?: string
}

interface AddedRow {
  readonly open: boolean
  readonly is_full: boolean
  readonly added: boolean
  readonly signal_counted: boolean
  readonly same: boolean | null
}

const FILE_USES = addFileUses({
  runId: 'added.run_id',
  tenant: 'added.tenant',
  from: 'added',
  message: ':message::json',
})

/*
 *   run             the locked row
 *   added           the message, unless its id is there or the inbox is full
 *   files_used      the files that it refers to
 *   counted         the run's count of added messages
 *   signal_counted  the repeated message, unless it was shown or its signal was sent often enough
 */
const ADD = statement(
  'add_inbox_message',
  `
  with run as (
    select id, tenant, completed_at is null as open, inbox_added - inbox_placed >= :most_unread as is_full
    from runs where id = :run_id and tenant = :tenant for no key update
  ),
  added as (
    insert into inbox_messages (run_id, id, tenant, message)
    select id, :id, tenant, :message::json from run where open and not is_full
    on conflict do nothing
    returning run_id, tenant
  ),
  files_used as (
    ${FILE_USES}
  ),
  counted as (
    update runs set inbox_added = inbox_added + 1 from added where runs.id = added.run_id
  ),
  signal_counted as (
    update inbox_messages as inbox set signals = inbox.signals + 1
    from run
    where run.open and inbox.run_id = run.id and inbox.id = :id and not inbox.placed and inbox.signals < :most_signals
    returning inbox.id
  )
  select open, is_full, exists (select from added) as added, exists (select from signal_counted) as signal_counted,
    (
      -- A message of a release without authors counts as written by the sender of the repeated request.
      select message ->> 'text' = :message::json ->> 'text' and coalesce(message ->> 'by', :message::json ->> 'by') = :message::json ->> 'by'
        and (message ->> 'files') is not distinct from (:message::json ->> 'files')
      from inbox_messages where run_id = :run_id and id = :id
    ) as same
  from run`,
)

const FIND_INBOX_MESSAGES = statement(
  'find_inbox_messages',
  `
  select inbox.id, inbox.message ->> 'by' as by
  from unnest(:ids::text[]) with ordinality as listed (id, n)
  join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
  order by listed.n`,
)

/**
 * Adds a message to an open run; the next model call moves it into the transcript. The run does not complete before a model was shown it.
 *
 * `exists`: it was added before, and the run may not have its signal yet. `known`: it was shown to a model, or its signal was sent often
 * enough. `differs`: the id belongs to another text or author. `full`: the inbox is full. `ended`: the run has ended, and did not have
 * this message.
 */
export async function addInboxMessage(
  db: Db,
  inboxMessage: InboxMessage,
): Promise<'added' | 'exists' | 'known' | 'differs' | 'full' | 'ended' | 'no_run'> {
  const { id, tenant, runId, text, files, by, introduction } = inboxMessage
  const message: UserMessage = {
    role: 'user',
    text,
    by,
    ...(introduction !== undefined && { introduction }),
    ...(files !== undefined && { files }),
  }
  const [row] = await db.query<AddedRow>(
    ADD.with({
      run_id: runId,
      tenant,
      id,
      message: storableJson(message),
      most_unread: REQUEST_LIMITS.unreadMessages,
      most_signals: REQUEST_LIMITS.signalsOfMessage,
    }),
  )
  if (row === undefined) return 'no_run'
  if (row.added) return 'added'
  if (row.same !== null) return !row.same ? 'differs' : row.signal_counted ? 'exists' : 'known'
  if (row.open && row.is_full) return 'full'
  // The same message was committed while this statement waited for the run's row, and is not visible to it: the next one sees it.
  return row.open ? addInboxMessage(db, inboxMessage) : 'ended'
}

/** A message that was added to a run. */
export interface KnownMessage {
  readonly id: string
  /** null where it was added before messages had authors. */
  readonly by: string | null
}

/** The run's added messages that have one of the ids, in the order of the ids. */
export async function findInboxMessages(
  db: Db,
  { runId }: RunIdentity,
  ids: readonly string[],
): Promise<KnownMessage[]> {
  if (ids.length === 0) return []
  return db.query<KnownMessage>(FIND_INBOX_MESSAGES.with({ run_id: runId, ids }))
}
