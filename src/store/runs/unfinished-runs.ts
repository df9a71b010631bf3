import type { Db } from '../database/database.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

interface OpenRunsPage {
  readonly olderThanMs: number
  readonly limit: number
  /** The last run of the page before. */
  readonly after?: { readonly createdAt: string; readonly id: string }
}

/** Runs of every tenant that have not ended, oldest first. */
export async function findOpenRuns(db: Db, { olderThanMs, limit, after }: OpenRunsPage): Promise<RunRow[]> {
  const text = `select ${RUN_COLUMNS} from runs
    where status in ('queued', 'in_progress', 'requires_action')
      and created_at < now() - $1 * interval '1 millisecond'
      and (created_at, id) > ($2::timestamptz, $3::text)
    order by created_at, id limit $4`
  const { createdAt, id } = after ?? { createdAt: '-infinity', id: '' }
  const values = [olderThanMs, createdAt, id, limit]
  return (await db.query<RunColumns>({ name: 'find_open_runs', text, values })).map(toRunRow)
}

/** The latest of the open runs that were accepted before this one. */
export async function findOpenRunsBefore(
  db: Db,
  { createdAt, id }: Pick<RunRow, 'createdAt' | 'id'>,
  limit: number,
): Promise<Pick<RunRow, 'workflowId'>[]> {
  return db.query({
    text: `
      select workflow_id as "workflowId" from runs
      where status in ('queued', 'in_progress', 'requires_action') and (created_at, id) < ($1::timestamptz, $2::text)
      order by created_at desc, id desc limit $3`,
    values: [createdAt, id, limit],
  })
}

/** A tenant's runs that have not ended, sub-agents included: all of them, or those that are an agent's or may be handed to it. */
export async function findOpenRunsOf(
  db: Db,
  tenant: string,
  agent?: string,
): Promise<Pick<RunRow, 'id' | 'workflowId'>[]> {
  return db.query({
    text: `
      select id, workflow_id as "workflowId" from runs
      where tenant = $1 and status in ('queued', 'in_progress', 'requires_action')
        and ($2::text is null or agent = $2 or plan -> 'specialists' -> $2 is not null)
      order by created_at, id`,
    values: [tenant, agent ?? null],
  })
}
