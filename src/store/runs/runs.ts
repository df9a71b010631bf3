import type { RunId, RunStatus } from '../../contracts/runs/run.ts'
import type { Database, Db, Statement } from '../database/database.ts'
import {
  type Bounded,
  boundedByBytes,
  equalTo,
  type Filter,
  type Listed,
  newestFirst,
  toListed,
} from '../database/page.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement, unprepared, type Values } from '../database/statement.ts'
import { RUN_COLUMNS, type RunColumns, type RunRow, toRunRow } from '../record/run-row.ts'

const SELECT = `select ${RUN_COLUMNS} from runs`

const FIND = statement('find_run', `${SELECT} where id = :run_id and tenant = :tenant`)

const FIND_BY_KEY = statement(
  'find_run_by_key',
  `${SELECT} where tenant = :tenant and principal = :principal and idempotency_key = :key`,
)

const FIND_UNSTARTED = statement(
  'find_unstarted_runs',
  `${SELECT}
  where status = 'queued' and parent_run_id is null and (thread_id is null or thread_seq is not null)
    and created_at < now() - :older_than_ms * interval '1 millisecond'
    and (resumes > 0 or id <> all (:except::text[]))
  order by created_at limit :limit`,
)

export interface RunFilter {
  readonly tenant: string
  readonly status?: RunStatus
  readonly agent?: string
  readonly principal?: string
  readonly priority?: number
  /** Id of a credential: the runs that it has started, or a browser token that it has made. */
  readonly startedBy?: string
  /** The list has only this principal's runs, whatever the other filters say. */
  readonly onlyOf?: string
  /** Entries that the run's metadata must have; it may have others. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly threadId?: string
  /** Lists the sub-agents of this run. Without it the list has no sub-agents. */
  readonly parentRunId?: string
  readonly limit: number
  /** The last run of the page before. */
  readonly before?: { readonly createdAt: string; readonly id: string }
}

async function select(db: Db, statement: Statement): Promise<RunRow[]> {
  return (await db.query<RunColumns>(statement)).map(toRunRow)
}

export async function findRun(db: Db, tenant: string, id: string): Promise<RunRow | null> {
  return (await select(db, FIND.with({ run_id: id, tenant })))[0] ?? null
}

export async function findRunByKey(
  db: Db,
  tenant: string,
  principal: string,
  key: string,
): Promise<RunRow | null> {
  return (await select(db, FIND_BY_KEY.with({ tenant, principal, key })))[0] ?? null
}

/** Newest first: at most `limit`, and fewer where their outputs are large. */
export async function listRuns(
  db: Pick<Database, 'query' | 'everyTenant'>,
  {
    tenant,
    status,
    agent,
    principal,
    priority,
    startedBy,
    onlyOf,
    metadata,
    threadId,
    parentRunId,
    limit,
    before,
  }: RunFilter,
): Promise<Listed<RunRow>> {
  const { where, order, values } = newestFirst({
    timeColumn: 'created_at',
    filters: [
      equalTo({
        tenant,
        status,
        agent,
        thread_id: threadId,
        parent_run_id: parentRunId,
        principal,
        priority,
      }),
      ...(onlyOf === undefined
        ? []
        : [{ conditions: ['principal = :only_of'], values: { only_of: onlyOf } }]),
      ...(startedBy === undefined ? [] : [{ conditions: [], values: { started_by: startedBy } }]),
      ...(parentRunId === undefined ? [NO_SUB_AGENTS] : []),
      ...(metadata === undefined ? [] : [withMetadata(metadata)]),
    ],
    before: before && [before.createdAt, before.id],
  })
  const source = startedBy === undefined ? 'runs' : startedByCredential(where, order)
  if (metadata === undefined) return readPage(db, { where, order, source, values }, limit)

  // Only ids are asked for outside of row-level security, behind which no index serves `@>`: it may tell of rows that a policy hides.
  const found = await db.everyTenant.query<{ id: string }>(
    unprepared(`select id from ${source} where ${where} order by ${order} limit :limit`).with({
      ...values,
      limit: limit + 1,
    }),
  )
  const ofTenant = {
    where: 'tenant = :tenant and id = any(:ids::text[])',
    values: { tenant, ids: found.map(({ id }) => id) },
  }
  return readPage(db, { ...ofTenant, order, source: 'runs' }, limit)
}

interface Page {
  readonly where: string
  readonly order: string
  /** What has the rows: `runs`, or a query of some of them. */
  readonly source: string
  readonly values: Values
}

async function readPage(
  db: Db,
  { where, order, source, values }: Page,
  limit: number,
): Promise<Listed<RunRow>> {
  const list = boundedByBytes({
    select: RUN_COLUMNS,
    from: 'runs',
    source,
    bytes: "octet_length(coalesce(output, ''))",
    where,
    order,
  })
  const rows = await db.query<RunColumns & Bounded>(unprepared(list).with({ ...values, limit: limit + 1 }))
  const { rows: columns, hasMore } = toListed(rows, limit)
  return { rows: columns.map(toRunRow), hasMore }
}

const NO_SUB_AGENTS: Filter = { conditions: ['parent_run_id is null'], values: {} }

/**
 * A page of runs that a credential has started, or a browser token that it has made. Takes `:started_by`, the credential's id. Two
 * queries, each along an index in the order of the list: one with `or` reads all of the credential's runs, or all of the tenant's.
 */
function startedByCredential(where: string, order: string): string {
  const pageBy = (column: string) =>
    `(select * from runs where ${column} = :started_by and ${where} order by ${order} limit :limit)`
  return `(${pageBy('started_by_id')} union all ${pageBy('started_by_maker_id')}) as runs`
}

function withMetadata(entries: NonNullable<RunFilter['metadata']>): Filter {
  return {
    conditions: ['metadata::jsonb @> :metadata::jsonb'],
    values: { metadata: storableJson(entries) },
  }
}

interface Unstarted {
  readonly olderThanMs: number
  /** Runs that are passed over. One that was resumed is passed over never. */
  readonly except: readonly RunId[]
  readonly limit: number
}

/** Runs of every tenant that were accepted and whose workflow has not started, oldest first; without sub-agents, whose parents start them, and turns that wait. */
export async function findUnstartedRuns(
  db: Db,
  { olderThanMs, except, limit }: Unstarted,
): Promise<RunRow[]> {
  return select(db, FIND_UNSTARTED.with({ older_than_ms: olderThanMs, except, limit }))
}
