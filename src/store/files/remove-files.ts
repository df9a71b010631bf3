import type { FileId } from '../../contracts/files/file.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { FILES } from '../../policies/operations/files.ts'
import type { Database, Db, Statement } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { lockFiles, withFilesLocked } from './lock-files.ts'

/** Removes files, and the content that no other file has. */
const REMOVE = unprepared(`
  with removed as (
    delete from files where tenant = :tenant and id = any (:ids::text[]) returning id, sha256
  ),
  uses_removed as (delete from run_files where file_id in (select id from removed)),
  contents_removed as (
    delete from file_contents as content where tenant = :tenant and sha256 in (select sha256 from removed)
      and not exists (
        select from files where files.tenant = :tenant and files.sha256 = content.sha256 and files.id <> all (:ids::text[])
      )
  )
  select id from removed`)

/** That no schedule which can start runs names a file of `files`. */
const NOT_SCHEDULED = `
  not exists (
    select from schedules
    where schedules.tenant = files.tenant and schedules.deleted_at is null and strpos(schedules.start::text, files.id) > 0
  )`

/** Files of the runs' own principals that nothing else refers to. */
const OF_RUNS_ALONE = unprepared(`
  select id from files
  where tenant = :tenant and ${NOT_SCHEDULED}
    and exists (
      select from run_files as own join runs on runs.id = own.run_id
      where own.file_id = files.id and own.run_id = any (:run_ids::text[]) and runs.principal = files.principal
    )
    and not exists (
      select from run_files as other where other.file_id = files.id and other.run_id <> all (:run_ids::text[])
    )`)

const FORGET_USES = unprepared('delete from run_files where run_id = any (:run_ids::text[])')

/** That a file of `files` is old and nothing refers to it. */
const IS_UNUSED = `
  created_at < now() - ${FILES.keptUnusedMs} * interval '1 millisecond'
  and not exists (select from run_files where run_files.file_id = files.id) and ${NOT_SCHEDULED}`

const FIND_UNUSED = unprepared(`
  select tenant, array_agg(id) as ids from (
    select id, tenant from files where ${IS_UNUSED} order by created_at limit ${FILES.mostDropped}
  ) as unused group by tenant`)

const STILL_UNUSED = unprepared(
  `select id from files where tenant = :tenant and id = any (:ids::text[]) and ${IS_UNUSED}`,
)

/** False where it is gone already. Messages that refer to it stay; models are then told that it was removed. */
export async function deleteFile(database: Database, tenant: string, id: FileId): Promise<boolean> {
  return withFilesLocked(database, tenant, async (tx) => (await remove(tx, tenant, [id])) > 0)
}

/** Removes the files of the runs' principals that only these runs refer to. To be called in a transaction. */
export async function removeFilesOfRuns(tx: Db, tenant: string, runIds: readonly RunId[]): Promise<void> {
  await lockFiles(tx, tenant)
  await remove(tx, tenant, await idsOf(tx, OF_RUNS_ALONE.with({ tenant, run_ids: runIds })))
  await tx.query(FORGET_USES.with({ run_ids: runIds }))
}

/**
 * Removes files that nothing has referred to for long. What has come into use since they were found stays.
 *
 * @returns how many, at most `FILES.mostDropped`
 */
export async function dropUnusedFiles(database: Database): Promise<number> {
  const unused = await database.query<{ tenant: string; ids: string[] }>(FIND_UNUSED.with({}))
  let dropped = 0
  for (const { tenant, ids } of unused)
    dropped += await withFilesLocked(database, tenant, async (tx) =>
      remove(tx, tenant, await idsOf(tx, STILL_UNUSED.with({ tenant, ids }))),
    )
  return dropped
}

async function idsOf(tx: Db, statement: Statement): Promise<string[]> {
  return (await tx.query<{ id: string }>(statement)).map(({ id }) => id)
}

/** The tenant's files are locked. */
async function remove(tx: Db, tenant: string, ids: readonly string[]): Promise<number> {
  return ids.length === 0 ? 0 : (await tx.query(REMOVE.with({ tenant, ids }))).length
}
