import type { Memory } from '../../contracts/memory/memory.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import type { Database, Db } from '../database/database.ts'
import { equalTo, type Listed, newestFirst } from '../database/page.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement, unprepared } from '../database/statement.ts'
import { factSha256, lockMemories } from './keep-fact.ts'
import { MEMORY_COLUMNS, type Owner } from './memory-row.ts'

const FIND = statement(
  'find_memory',
  `select ${MEMORY_COLUMNS} from memories where id = :id and tenant = :tenant`,
)

/** null where the tenant has no such memory. */
export async function findMemory(db: Db, tenant: string, id: string): Promise<Memory | null> {
  const [row] = await db.query<Memory>(FIND.with({ id, tenant }))
  return row ?? null
}

export interface MemoryFilter {
  readonly tenant: string
  readonly principal?: string
  /** The list has only this principal's memories, whatever the other filters say. */
  readonly onlyOf?: string
  readonly agent?: string
  readonly threadId?: ThreadId
  readonly limit: number
  /** The last memory of the page before. */
  readonly before?: { readonly createdAt: string; readonly id: string }
}

/** Those that were kept last come first. */
export async function listMemories(
  db: Db,
  { tenant, principal, onlyOf, agent, threadId, limit, before }: MemoryFilter,
): Promise<Listed<Memory>> {
  const { where, order, values } = newestFirst({
    timeColumn: 'kept_at',
    filters: [
      equalTo({ tenant, principal, agent, thread_id: threadId }),
      ...(onlyOf === undefined
        ? []
        : [{ conditions: ['principal = :only_of'], values: { only_of: onlyOf } }]),
    ],
    before: before && [before.createdAt, before.id],
  })
  const list = unprepared(
    `select ${MEMORY_COLUMNS} from memories where ${where} order by ${order} limit :limit`,
  )
  const rows = await db.query<Memory>(list.with({ ...values, limit: limit + 1 }))
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit }
}

export interface MemoryEdit {
  readonly fact: string
  /** null takes the subject away; absent: it stays. */
  readonly about?: string | null
  readonly by: string
}

const REMOVE_SAME = statement(
  'remove_same_fact',
  `
  delete from memories
  where tenant = :tenant and principal = :principal and fact_sha256 = :fact_sha256 and id <> :id
    and exists (select from memories as edited where edited.id = :id and edited.tenant = :tenant)`,
)

const EDIT = statement(
  'edit_memory',
  `
  update memories set
    fact = :fact, fact_sha256 = :fact_sha256, about = case when :changes_about then :about else about end,
    edited_by = :by, edited_at = clock_timestamp()
  where id = :id and tenant = :tenant
  returning ${MEMORY_COLUMNS}`,
)

/** Puts a person's words in the place of a fact. Another fact of the same words becomes one with it. null where somebody has deleted it. */
export function editMemory(
  database: Database,
  { id, tenant, principal }: Pick<Memory, 'id' | 'tenant' | 'principal'>,
  { fact: written, about, by }: MemoryEdit,
): Promise<Memory | null> {
  const fact = storableText(written)
  const fact_sha256 = factSha256(fact)
  return database.transaction(async (tx) => {
    await lockMemories(tx, { tenant, principal })
    await tx.query(REMOVE_SAME.with({ id, tenant, principal, fact_sha256 }))
    const [row] = await tx.query<Memory>(
      EDIT.with({
        id,
        tenant,
        fact,
        fact_sha256,
        changes_about: about !== undefined,
        about: storableText(about ?? null),
        by,
      }),
    )
    return row ?? null
  })
}

const DELETE = statement(
  'delete_memory',
  'delete from memories where id = :id and tenant = :tenant returning id',
)

/** Whether it was there. */
export async function deleteMemory(db: Db, { id, tenant }: Pick<Memory, 'id' | 'tenant'>): Promise<boolean> {
  return (await db.query(DELETE.with({ id, tenant }))).length > 0
}

const DELETE_ALL = statement(
  'delete_memories',
  `
  delete from memories
  where tenant = :tenant and principal = :principal and (:thread_id::text is null or thread_id = :thread_id)
  returning id`,
)

/**
 * Deletes the facts of one principal, or those of them that were kept in one thread.
 *
 * @returns how many there were
 */
export async function deleteMemories(
  db: Db,
  { tenant, principal, threadId }: Owner & { readonly threadId?: ThreadId },
): Promise<number> {
  return (await db.query(DELETE_ALL.with({ tenant, principal, thread_id: threadId ?? null }))).length
}
