import type { TranscriptEntry } from '../../contracts/runs/message.ts'
import type { Db } from '../database/database.ts'
import { type Bounded, boundedByBytes, type Listed, toListed } from '../database/page.ts'
import { statement } from '../database/statement.ts'
import type { RunRow } from '../record/run-row.ts'

export interface ThreadMessagePage {
  readonly tenant: string
  readonly threadId: string
  readonly order: 'asc' | 'desc'
  /** The last seq of the page before. */
  readonly after?: number
  readonly limit: number
}

/** A message at its place in the thread. */
export interface ThreadMessage extends TranscriptEntry, Pick<RunRow, 'principal' | 'inputCount'> {
  readonly runId: RunRow['id']
  /** Its place in its run. */
  readonly runSeq: number
}

const PAGE = {
  select:
    'seq, run_id as "runId", run_seq as "runSeq", message, created_at as "createdAt", principal, input_count as "inputCount"',
  from: 'thread_messages',
  bytes: 'octet_length(message::text)',
}

const OF_THREAD = 'thread_id = :thread_id and tenant = :tenant'

const LIST = {
  asc: statement(
    'list_thread_messages',
    boundedByBytes({ ...PAGE, where: `${OF_THREAD} and seq > :after`, order: 'seq' }),
  ),
  desc: statement(
    'list_thread_messages_back',
    boundedByBytes({ ...PAGE, where: `${OF_THREAD} and seq < :after`, order: 'seq desc' }),
  ),
}

const BEFORE_THE_FIRST = { asc: -1, desc: 2_147_483_647 } as const

/** What turns that are over have left: at most `limit`, and fewer where the messages are large. */
export async function listThreadMessages(
  db: Db,
  { tenant, threadId, order, after = BEFORE_THE_FIRST[order], limit }: ThreadMessagePage,
): Promise<Listed<ThreadMessage>> {
  const list = LIST[order].with({ thread_id: threadId, tenant, after, limit: limit + 1 })
  return toListed(await db.query<ThreadMessage & Bounded>(list), limit)
}
