import type { Message } from '../../../../../src/contracts/runs/message.ts'
import type { RunId, RunStatus } from '../../../../../src/contracts/runs/run.ts'
import type { ThreadId } from '../../../../../src/contracts/threads/thread.ts'
import type { Database } from '../../../../../src/store/database/database.ts'
import { loadTranscript } from '../../../../../src/store/record/messages.ts'
import { listThreadMessages } from '../../../../../src/store/threads/thread-messages.ts'

const TENANT = 'default'

/** A run of a thread, as the record has it. */
export interface RecordedTurn {
  readonly runId: RunId
  readonly status: RunStatus
  /** null: its turn never began. */
  readonly firstSeq: number | null
  readonly startedAt: string | null
  readonly completedAt: string
  readonly rolledBack: boolean
  readonly messages: readonly Message[]
}

export interface RecordedThread {
  /** In the order in which they were accepted. */
  readonly turns: readonly RecordedTurn[]
  /** Forwards and back, page by page. */
  readonly messages: readonly PlacedInThread[]
  readonly backwards: readonly PlacedInThread[]
}

export interface PlacedInThread {
  readonly seq: number
  readonly runId: RunId
  readonly message: Message
}

/** All that the store says of a thread. */
export async function readThread(database: Database, threadId: ThreadId): Promise<RecordedThread> {
  const rows = await database.query<Omit<RecordedTurn, 'messages'>>({
    text: `
      select id as "runId", status, thread_seq as "firstSeq", started_at as "startedAt", completed_at as "completedAt",
        exists (select from run_events where run_id = runs.id and type = 'turn.rolled_back') as "rolledBack"
      from runs where thread_id = $1 order by created_at, turn_began_at nulls last, id`,
    values: [threadId],
  })
  const turns: RecordedTurn[] = []
  for (const row of rows) {
    const transcript = await loadTranscript(database, TENANT, row.runId)
    turns.push({ ...row, messages: transcript.map(({ message }) => message) })
  }
  return {
    turns,
    messages: await allMessages(database, threadId, 'asc'),
    backwards: await allMessages(database, threadId, 'desc'),
  }
}

async function allMessages(
  database: Database,
  threadId: ThreadId,
  order: 'asc' | 'desc',
): Promise<PlacedInThread[]> {
  const found: PlacedInThread[] = []
  for (let hasMore = true; hasMore; ) {
    const last = found.at(-1)
    const after = last === undefined ? {} : { after: last.seq }
    const page = await listThreadMessages(database, { tenant: TENANT, threadId, order, limit: 7, ...after })
    found.push(...page.rows.map(({ seq, runId, message }) => ({ seq, runId, message })))
    hasMore = page.hasMore
  }
  return found
}
