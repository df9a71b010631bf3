import type { JsonObject } from '../../contracts/json.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import type { Db } from '../database/database.ts'
import { equalTo, type Listed, newestFirst } from '../database/page.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement, unprepared } from '../database/statement.ts'

/** A thread as the store keeps it, and whose turn it is. Times are RFC 3339, UTC, with milliseconds. */
export interface ThreadRow {
  readonly id: ThreadId
  readonly tenant: string
  readonly principal: string
  readonly title: string | null
  readonly metadata: JsonObject
  readonly createdAt: string
  readonly updatedAt: string
  /** The run whose turn is in flight. */
  readonly activeRunId: RunId | null
  /** Runs that wait for their turns. */
  readonly waiting: number
}

const COLUMNS = `
  id, tenant, principal, title, metadata, created_at as "createdAt", updated_at as "updatedAt",
  (
    select turn.run_id from thread_turns as turn join runs on runs.id = turn.run_id
    where turn.thread_id = threads.id and turn.messages is null and turn.first_seq is not null and runs.completed_at is null
  ) as "activeRunId",
  (
    select count(*)::integer from thread_turns as turn
    where turn.thread_id = threads.id and turn.messages is null and turn.first_seq is null
  ) as waiting`

const CREATE = statement(
  'create_thread',
  `insert into threads (id, tenant, principal, title, metadata) values (:id, :tenant, :principal, :title, :metadata)
  returning ${COLUMNS}`,
)

const FIND = statement('find_thread', `select ${COLUMNS} from threads where id = :id and tenant = :tenant`)

const CHANGE = statement(
  'change_thread',
  `
  update threads set
    title = case when :changes_title then :title else title end,
    metadata = coalesce(:metadata::json, metadata),
    updated_at = now()
  where id = :id and tenant = :tenant
  returning ${COLUMNS}`,
)

export type NewThread = Pick<ThreadRow, 'id' | 'tenant' | 'principal' | 'title' | 'metadata'>

export async function createThread(db: Db, thread: NewThread): Promise<ThreadRow> {
  const { id, tenant, principal, title, metadata } = thread
  const values = { id, tenant, principal, title: storableText(title), metadata: storableJson(metadata) }
  const [row] = await db.query<ThreadRow>(CREATE.with(values))
  if (row === undefined) throw new Error(`The store did not create thread ${id}.`)
  return row
}

export async function findThread(db: Db, tenant: string, id: string): Promise<ThreadRow | null> {
  const [row] = await db.query<ThreadRow>(FIND.with({ id, tenant }))
  return row ?? null
}

export interface ThreadChange {
  /** null takes the title away; absent: it stays. */
  readonly title?: string | null
  /** In the place of all entries; absent: they stay. */
  readonly metadata?: JsonObject
}

/** null where the tenant has no such thread. */
export async function changeThread(
  db: Db,
  { id, tenant }: Pick<ThreadRow, 'id' | 'tenant'>,
  { title, metadata }: ThreadChange,
): Promise<ThreadRow | null> {
  const [row] = await db.query<ThreadRow>(
    CHANGE.with({
      id,
      tenant,
      changes_title: title !== undefined,
      title: storableText(title ?? null),
      metadata: metadata === undefined ? null : storableJson(metadata),
    }),
  )
  return row ?? null
}

export interface ThreadFilter {
  readonly tenant: string
  readonly principal?: string
  /** The list has only this principal's threads, whatever the other filter says. */
  readonly onlyOf?: string
  readonly limit: number
  /** The last thread of the page before. */
  readonly before?: { readonly createdAt: string; readonly id: string }
}

/** Newest first. */
export async function listThreads(
  db: Db,
  { tenant, principal, onlyOf, limit, before }: ThreadFilter,
): Promise<Listed<ThreadRow>> {
  const { where, order, values } = newestFirst({
    timeColumn: 'created_at',
    filters: [
      equalTo({ tenant, principal }),
      ...(onlyOf === undefined
        ? []
        : [{ conditions: ['principal = :only_of'], values: { only_of: onlyOf } }]),
    ],
    before: before && [before.createdAt, before.id],
  })
  const list = unprepared(`select ${COLUMNS} from threads where ${where} order by ${order} limit :limit`)
  const rows = await db.query<ThreadRow>(list.with({ ...values, limit: limit + 1 }))
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}
