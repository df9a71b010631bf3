import type { Db } from '../database/database.ts'
import { statement, unprepared } from '../database/statement.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

interface OpenRunsPage {
  readonly olderThanMs: number
  readonly limit: number
  /** The last run of the page before. */
  readonly after?: { readonly createdAt: string; readonly id: string }
}

const OPEN = `status in ('queued', 'in_progress', 'requires_action')`

/** Temporal knows nothing of a run that waits for its turn in a thread. */
const HAS_TURN = '(thread_id is null or thread_seq is not null)'

const FIND_OPEN = statement(
  'find_open_runs',
  `
  select ${RUN_COLUMNS} from runs
  where ${OPEN} and ${HAS_TURN}
    and created_at < now() - :older_than_ms * interval '1 millisecond'
    and (created_at, id) > (:after_created_at::timestamptz, :after_id::text)
  order by created_at, id limit :limit`,
)

const FIND_OPEN_BEFORE = unprepared(`
  select workflow_id as "workflowId" from runs
  where ${OPEN} and ${HAS_TURN} and (created_at, id) < (:created_at::timestamptz, :id::text)
  order by created_at desc, id desc limit :limit`)

const FIND_OPEN_OF = unprepared(`
  select id, workflow_id as "workflowId" from runs
  where tenant = :tenant and ${OPEN}
    and (:agent::text is null or agent = :agent or plan -> 'specialists' -> :agent is not null)
  order by created_at, id`)

/** Runs of every tenant that have not ended, oldest first; without turns that wait. */
export async function findOpenRuns(db: Db, { olderThanMs, limit, after }: OpenRunsPage): Promise<RunRow[]> {
  const { createdAt, id } = after ?? { createdAt: '-infinity', id: '' }
  const find = FIND_OPEN.with({
    older_than_ms: olderThanMs,
    after_created_at: createdAt,
    after_id: id,
    limit,
  })
  return (await db.query<RunColumns>(find)).map(toRunRow)
}

/** The latest open runs among those that were accepted before the given run. */
export async function findOpenRunsBefore(
  db: Db,
  { createdAt, id }: Pick<RunRow, 'createdAt' | 'id'>,
  limit: number,
): Promise<Pick<RunRow, 'workflowId'>[]> {
  return db.query(FIND_OPEN_BEFORE.with({ created_at: createdAt, id, limit }))
}

/** A tenant's open runs, sub-agents included. With `agent`, only those that are this agent's or may be handed to it. */
export async function findOpenRunsOf(
  db: Db,
  tenant: string,
  agent?: string,
): Promise<Pick<RunRow, 'id' | 'workflowId'>[]> {
  return db.query(FIND_OPEN_OF.with({ tenant, agent: agent ?? null }))
}
