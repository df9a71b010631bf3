import type { RunStatus } from '../../contracts/run.ts'
import type { Db, Statement } from '../database/database.ts'
import { newestFirst } from '../database/page.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

const SELECT = `select ${RUN_COLUMNS} from runs`

export interface RunFilter {
  readonly tenant: string
  readonly status?: RunStatus
  readonly agent?: string
  readonly principal?: string
  /** The list has no runs but this principal's, whatever it is filtered by. */
  readonly onlyOf?: string
  /** Entries that the run's metadata has, among others. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Lists the sub-agents of this run, and else no sub-agents at all. */
  readonly parentRunId?: string
  readonly limit: number
  /** The last run of the page before. */
  readonly before?: { readonly createdAt: string; readonly id: string }
}

async function select(db: Db, statement: Statement): Promise<RunRow[]> {
  return (await db.query<RunColumns>(statement)).map(toRunRow)
}

export async function findRun(db: Db, tenant: string, id: string): Promise<RunRow | null> {
  const text = `${SELECT} where id = $1 and tenant = $2`
  return (await select(db, { name: 'find_run', text, values: [id, tenant] }))[0] ?? null
}

export async function findRunByKey(
  db: Db,
  tenant: string,
  principal: string,
  key: string,
): Promise<RunRow | null> {
  const text = `${SELECT} where tenant = $1 and principal = $2 and idempotency_key = $3`
  return (await select(db, { name: 'find_run_by_key', text, values: [tenant, principal, key] }))[0] ?? null
}

/** Newest first. */
export async function listRuns(
  db: Db,
  { tenant, status, agent, principal, onlyOf, metadata, parentRunId, limit, before }: RunFilter,
): Promise<RunRow[]> {
  const { tail, values } = newestFirst({
    timeColumn: 'created_at',
    equal: [
      ['tenant', tenant],
      ['status', status],
      ['agent', agent],
      ['parent_run_id', parentRunId],
      ['principal', principal],
      ['principal', onlyOf],
    ],
    where: (parameter) => [
      ...(parentRunId === undefined ? ['parent_run_id is null'] : []),
      ...(metadata === undefined ? [] : [`metadata::jsonb @> ${parameter(JSON.stringify(metadata))}::jsonb`]),
    ],
    before: before && [before.createdAt, before.id],
    limit,
  })
  return select(db, { text: `${SELECT} ${tail}`, values })
}

/** Runs of every tenant that were accepted, but whose workflow has not begun, oldest first. Sub-agents are begun by their parents. */
export async function findUnstartedRuns(
  db: Db,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<RunRow[]> {
  const text = `${SELECT}
    where status = 'queued' and parent_run_id is null and created_at < now() - $1 * interval '1 millisecond'
    order by created_at limit $2`
  return select(db, { name: 'find_unstarted_runs', text, values: [olderThanMs, limit] })
}
