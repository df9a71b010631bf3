import type { Person } from '../../contracts/approvals/approval.ts'
import type { FileId, FileType, StoredFile } from '../../contracts/files/file.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import { FILES } from '../../policies/operations/files.ts'
import { isApproverOf } from '../approvals/approvals.ts'
import type { Database, Db } from '../database/database.ts'
import { statement, unprepared } from '../database/statement.ts'
import { withFilesLocked } from './lock-files.ts'

export interface NewFile {
  readonly id: FileId
  readonly tenant: string
  readonly principal: string
  readonly type: FileType
  readonly sha256: string
  readonly name: string | null
  readonly tokens: number
  readonly content: Buffer
}

const COLUMNS = 'id, tenant, principal, sha256, type, bytes, name, tokens, created_at as "createdAt"'

/*
 *   room   whether the tenant may have this content as well
 *   kept   the content, unless the tenant has it
 */
const INSERT = unprepared(`
  with known as (select from file_contents where tenant = :tenant and sha256 = :sha256),
  room as (
    select exists (select from known)
      or (select coalesce(sum(bytes), 0) from file_contents where tenant = :tenant) + :bytes::bigint <= ${FILES.tenantBytes} as is_there
  ),
  kept as (
    insert into file_contents (tenant, sha256, bytes, content)
    select :tenant, :sha256, :bytes, :content::bytea from room where is_there and not exists (select from known)
  )
  insert into files (id, tenant, principal, sha256, type, bytes, name, tokens)
  select :id, :tenant, :principal, :sha256, :type, :bytes, :name, :tokens from room where is_there
  returning ${COLUMNS}`)

const FIND_ALIKE = unprepared(`
  select ${COLUMNS} from files
  where tenant = :tenant and sha256 = :sha256 and principal = :principal and type = :type and name is null
  order by created_at limit 1`)

const FIND = unprepared(`select ${COLUMNS} from files where tenant = :tenant and id = any (:ids::text[])`)

/** Where all come to more than the bound, no content is read. */
const LOAD = statement(
  'load_files',
  `
  with wanted as (
    select files.id, files.sha256, files.bytes * count(*) as bytes
    from unnest(:ids::text[]) as given (id) join files on files.id = given.id and files.tenant = :tenant
    group by files.id, files.sha256, files.bytes
  ),
  total as (select sum(bytes) as bytes from wanted)
  select wanted.id, case when total.bytes <= :most_bytes::bigint then content.content end as content
  from wanted cross join total
  join file_contents as content on content.tenant = :tenant and content.sha256 = wanted.sha256`,
)

const IS_SHOWN_TO = unprepared(`
  select exists (
    select from run_files join runs on runs.id = run_files.run_id
    where run_files.file_id = :id and run_files.tenant = :tenant
      and ((:reads_own::boolean and runs.principal = :person::text) or (:decides::boolean and ${isApproverOf('runs.id')}))
  ) as shown`)

const FIND_IN_PLACE = unprepared(`
  select distinct run_files.file_id as id from run_files join runs on runs.id = run_files.run_id
  where run_files.tenant = :tenant and run_files.file_id = any (:ids::text[])
    and (runs.id = :run_id or runs.thread_id = :thread_id)`)

/**
 * Stores a file. Its content is stored once, however many files of the tenant have it. Without a name it is the nameless file with this
 * content that its principal has already, so that content which is sent again makes no second one.
 *
 * @returns null where the tenant has as much as it may have
 */
export async function insertFile(database: Database, file: NewFile): Promise<StoredFile | null> {
  const { content, ...row } = file
  return withFilesLocked(database, file.tenant, async (tx) => {
    const known = file.name === null ? await findAlike(tx, file) : null
    if (known !== null) return known
    const [stored] = await tx.query<StoredFile>(INSERT.with({ ...row, bytes: content.length, content }))
    return stored ?? null
  })
}

async function findAlike(tx: Db, { tenant, principal, sha256, type }: NewFile): Promise<StoredFile | null> {
  const [file] = await tx.query<StoredFile>(FIND_ALIKE.with({ tenant, principal, sha256, type }))
  return file ?? null
}

/** Those of the ids that the tenant has. */
export async function findFiles(
  db: Db,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredFile>> {
  if (ids.length === 0) return new Map()
  const files = await db.query<StoredFile>(FIND.with({ tenant, ids }))
  return new Map(files.map((file) => [file.id, file]))
}

/**
 * The content of files of the tenant; a file that is gone is not among them.
 *
 * @param ids each as often as its content is needed
 * @returns null where they come to more bytes than that; nothing is loaded then
 */
export async function loadFiles(
  db: Db,
  tenant: string,
  ids: readonly string[],
  mostBytes: number,
): Promise<ReadonlyMap<string, Buffer> | null> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{ id: string; content: Buffer | null }>(
    LOAD.with({ tenant, ids, most_bytes: mostBytes }),
  )
  const contents = new Map<string, Buffer>()
  for (const { id, content } of rows) {
    if (content === null) return null
    contents.set(id, content)
  }
  return contents
}

/** Whether a message refers to the file in a run that this person may read: one of their own, or one in which they are an approver. */
export async function isShownTo(
  db: Db,
  { tenant, id }: Pick<StoredFile, 'tenant' | 'id'>,
  person: Person & { readonly readsOwn: boolean; readonly decides: boolean },
): Promise<boolean> {
  const { principal, groups, readsOwn, decides } = person
  const [row] = await db.query<{ shown: boolean }>(
    IS_SHOWN_TO.with({ tenant, id, person: principal, groups, reads_own: readsOwn, decides }),
  )
  return row?.shown ?? false
}

/** Those of the ids to which messages of this run refer, or messages of this thread's runs. */
export async function findFilesIn(
  db: Db,
  tenant: string,
  place: { readonly runId: RunId } | { readonly threadId: ThreadId },
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const runId = 'runId' in place ? place.runId : null
  const threadId = 'threadId' in place ? place.threadId : null
  const files = await db.query<{ id: string }>(
    FIND_IN_PLACE.with({ tenant, ids, run_id: runId, thread_id: threadId }),
  )
  return new Set(files.map(({ id }) => id))
}
