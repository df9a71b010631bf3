import type { RunId, RunIdentity } from '../../contracts/runs/run.ts'
import type { Database, Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { closeRun } from '../runs/close-run.ts'
import { settleChild } from './settle-child.ts'
import { usageAdded } from './usage-added.ts'

export interface OrphanPage {
  /** Only runs that were accepted longer ago than this: a healthy parent settles its sub-agents itself. */
  readonly olderThanMs: number
  readonly limit: number
}

const FIND_ORPHANS = statement(
  'find_orphans',
  `
  select child.id as "childRunId", child.status = 'queued' as queued, parent.id as "runId", parent.tenant, parent.principal
  from runs as child join runs as parent on parent.id = child.parent_run_id
  where child.parent_run_id is not null and not child.returned
    and (child.completed_at is not null or child.status = 'queued')
    and parent.completed_at is not null
    and child.created_at < now() - :older_than_ms * interval '1 millisecond'
  order by child.created_at, child.id limit :limit`,
)

/** A difference that one process deletes it also adds, so that none is added twice. */
const ADD_DIFFERENCES = statement(
  'return_differences',
  `
  with taken as (
    delete from usage_differences returning *
  ),
  added as (
    select run_id, sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
      sum(prompt_cache_saved_micro_usd) as prompt_cache_saved_micro_usd,
      sum(output_tokens) as output_tokens, sum(settled_micro_usd) as settled_micro_usd,
      case when bool_and(cost_micro_usd is not null) then sum(cost_micro_usd) end as cost_micro_usd,
      sum(unknown_micro_usd) as unknown_micro_usd, sum(unknown_tokens) as unknown_tokens,
      sum(model_calls) as model_calls, sum(attempts) as attempts
    from taken group by run_id
  )
  update runs set
    ${usageAdded('added')}
  from added where runs.id = added.run_id`,
)

/**
 * Adds usage to parents that no workflow adds: of sub-agents whose parent was terminated, and of attempts that were settled after
 * their run's usage had been added to its parent's. Safe to repeat, and in several processes at once.
 */
export async function settleOrphanedChildren(database: Database, page: OrphanPage): Promise<void> {
  for (const { queued, ...orphan } of await findOrphans(database, page)) {
    // Its workflow was never started, and the parent that would start it has ended.
    if (queued) await closeOrphan(database, orphan)
    await database.transaction((tx) => settleChild(tx, orphan, null))
  }
  await database.query(ADD_DIFFERENCES.with({}))
}

interface Orphan {
  readonly run: RunIdentity
  readonly childRunId: RunId
}

/** Sub-agents' runs that have ended or were never started, whose parent has ended and does not have their usage. */
async function findOrphans(
  db: Db,
  { olderThanMs, limit }: OrphanPage,
): Promise<(Orphan & { readonly queued: boolean })[]> {
  const rows = await db.query<RunIdentity & { childRunId: RunId; queued: boolean }>(
    FIND_ORPHANS.with({ older_than_ms: olderThanMs, limit }),
  )
  return rows.map(({ childRunId, queued, ...run }) => ({ run, childRunId, queued }))
}

async function closeOrphan(db: Db, { run, childRunId }: Orphan): Promise<void> {
  await closeRun(db, {
    run: { ...run, runId: childRunId, parentRunId: run.runId },
    status: 'cancelled',
    reason: 'terminated',
    steps: 0,
    approvals: [],
    failedHops: [],
  })
}
