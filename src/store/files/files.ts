import type { Person } from '../../contracts/approvals/approval.ts'
import type { FileId, FileType, StoredFile } from '../../contracts/files/file.ts'
import { FILES } from '../../policies/operations/files.ts'
import { isApproverOf } from '../approvals/approvals.ts'
import type { Database, Db } from '../database/database.ts'
import { statement, unprepared } from '../database/statement.ts'
import { lockFiles } from './lock-files.ts'

export interface NewFile {
  readonly id: FileId
  readonly tenant: string
  readonly principal: string
  readonly type: FileType
  readonly sha256: string
  readonly name: string | null
  readonly tokens: number
  readonly content: Uint8Array
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
    select :tenant, :sha256, :bytes, decode(:content, 'base64') from room where is_there and not exists (select from known)
  )
  insert into files (id, tenant, principal, sha256, type, bytes, name, tokens)
  select :id, :tenant, :principal, :sha256, :type, :bytes, :name, :tokens from room where is_there
  returning ${COLUMNS}`)

const FIND_ALIKE = unprepared(`
  select ${COLUMNS} from files
  where tenant = :tenant and sha256 = :sha256 and principal = :principal and type = :type and name is null
  order by created_at limit 1`)

const FIND = unprepared(`select ${COLUMNS} from files where tenant = :tenant and id = any (:ids::text[])`)

const LOAD = statement(
  'load_files',
  `
  select files.id, content.content from files
  join file_contents as content on content.tenant = files.tenant and content.sha256 = files.sha256
  where files.tenant = :tenant and files.id = any (:ids::text[])`,
)

const IS_SHOWN_TO = unprepared(`
  select exists (
    select from run_files join runs on runs.id = run_files.run_id
    where run_files.file_id = :id and run_files.tenant = :tenant
      and ((:reads_own::boolean and runs.principal = :person::text) or (:decides::boolean and ${isApproverOf('runs.id')}))
  ) as shown`)

/**
 * Stores a file. Its content is stored once, however many files of the tenant have it.
 *
 * @returns null where the tenant has as much as it may have
 */
export async function insertFile(database: Database, file: NewFile): Promise<StoredFile | null> {
  const { content, ...row } = file
  return database.transaction(async (tx) => {
    await lockFiles(tx, file.tenant)
    const encoded = Buffer.from(content).toString('base64')
    const insert = INSERT.with({ ...row, bytes: content.length, content: encoded })
    const [stored] = await tx.query<StoredFile>(insert)
    return stored ?? null
  })
}

/** A nameless file of the principal with this content, so that content which is sent again makes no second file. */
export async function findAlike(
  db: Db,
  { tenant, principal, sha256, type }: Pick<NewFile, 'tenant' | 'principal' | 'sha256' | 'type'>,
): Promise<StoredFile | null> {
  const [file] = await db.query<StoredFile>(FIND_ALIKE.with({ tenant, principal, sha256, type }))
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

/** The content of files of the tenant; a file that is gone is not among them. */
export async function loadFiles(
  db: Db,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{ id: string; content: Uint8Array }>(LOAD.with({ tenant, ids }))
  return new Map(rows.map(({ id, content }) => [id, Buffer.from(content)]))
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
