import { ANSWER_CACHE } from '../../policies/models/answer-cache.ts'
import type { Database, Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

export interface PurgeAnswers {
  readonly tenant: string
  readonly agent?: string
  readonly promptVersion?: string
}

const OF_OWNER = `
  tenant = :tenant and agent = coalesce(:agent::text, agent) and prompt_version = coalesce(:prompt_version::text, prompt_version)`

const PURGE_LEASES = unprepared(`delete from cache_leases where ${OF_OWNER}`)
const PURGE_ENTRIES = unprepared(`
  with purged as (delete from cache_entries where ${OF_OWNER} returning id)
  select count(*)::integer as count from purged`)

/**
 * Removes a tenant's answers. No answer from before is given once this has resolved, nor is the answer of a model that is being asked
 * meanwhile: the leases go first, so that nothing can be kept any more when the second statement looks for entries.
 *
 * @returns how many answers were removed
 */
export async function purgeAnswers(database: Database, purge: PurgeAnswers): Promise<number> {
  const { tenant, agent, promptVersion } = purge
  const values = { tenant, agent: agent ?? null, prompt_version: promptVersion ?? null }
  return database.transaction(async (tx) => {
    await tx.query(PURGE_LEASES.with(values))
    const [row] = await tx.query<{ count: number }>(PURGE_ENTRIES.with(values))
    return row?.count ?? 0
  })
}

const DROP_LEASES = unprepared('delete from cache_leases where expires_at < clock_timestamp()')
const DROP_ENTRIES = unprepared(`
  with expired as (
    select id from cache_entries where expires_at < clock_timestamp()
    order by expires_at limit ${ANSWER_CACHE.mostDropped} for update skip locked
  ),
  dropped as (delete from cache_entries where id in (select id from expired) returning id)
  select count(*)::integer as count from dropped`)

/** Removes what is too old to be given to anybody. @returns how many answers were removed, at most `ANSWER_CACHE.mostDropped` */
export async function dropExpiredAnswers(db: Db): Promise<number> {
  await db.query(DROP_LEASES.with({}))
  const [row] = await db.query<{ count: number }>(DROP_ENTRIES.with({}))
  return row?.count ?? 0
}
