import type { RunId, RunIdentity } from '../../contracts/run.ts'
import type { Database, Db } from '../database/database.ts'
import { closeRun } from '../runs/close-run.ts'
import { settleChild } from './settle-child.ts'

export interface OrphanPage {
  /** Of runs that were accepted longer ago than this; a healthy parent brings its sub-agents' usage back itself. */
  readonly olderThanMs: number
  readonly limit: number
}

/**
 * Brings usage to where it belongs though nobody else does: of sub-agents whose parent was ended from outside, and of attempts
 * that were settled after their run's usage had gone to its parent. Safe to repeat, and for several processes at once.
 */
export async function returnUsage(database: Database, page: OrphanPage): Promise<void> {
  for (const { queued, ...orphan } of await findOrphans(database, page)) {
    // Its workflow was never started, and nobody is left to do it.
    if (queued) await closeOrphan(database, orphan)
    await database.transaction((tx) => settleChild(tx, orphan, null))
  }
  await returnDifferences(database)
}

interface Orphan {
  readonly run: RunIdentity
  readonly childRunId: RunId
}

/** Runs that have ended or never begun, whose parent has ended, and whose usage is not in the parent's. */
async function findOrphans(
  db: Db,
  { olderThanMs, limit }: OrphanPage,
): Promise<(Orphan & { readonly queued: boolean })[]> {
  const rows = await db.query<RunIdentity & { childRunId: RunId; queued: boolean }>({
    name: 'find_orphans',
    text: `
      select child.id as "childRunId", child.status = 'queued' as queued, parent.id as "runId", parent.tenant, parent.principal
      from runs as child join runs as parent on parent.id = child.parent_run_id
      where child.parent_run_id is not null and not child.returned
        and (child.completed_at is not null or child.status = 'queued')
        and parent.completed_at is not null
        and child.created_at < now() - $1 * interval '1 millisecond'
      order by child.created_at, child.id limit $2`,
    values: [olderThanMs, limit],
  })
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

/** Whoever takes a difference adds it: nobody else has it any more. */
async function returnDifferences(db: Db): Promise<void> {
  await db.query({
    name: 'return_differences',
    text: `
      with taken as (
        delete from usage_differences returning *
      ),
      added as (
        select run_id, sum(input_tokens) as input_tokens, sum(cached_input_tokens) as cached_input_tokens,
          sum(output_tokens) as output_tokens, sum(settled_micro_usd) as settled_micro_usd,
          case when bool_and(cost_micro_usd is not null) then sum(cost_micro_usd) end as cost_micro_usd,
          sum(unknown_micro_usd) as unknown_micro_usd, sum(unknown_tokens) as unknown_tokens,
          sum(model_calls) as model_calls, sum(attempts) as attempts
        from taken group by run_id
      )
      update runs set
        input_tokens = runs.input_tokens + added.input_tokens,
        cached_input_tokens = runs.cached_input_tokens + added.cached_input_tokens,
        output_tokens = runs.output_tokens + added.output_tokens,
        cost_micro_usd = runs.cost_micro_usd + added.cost_micro_usd,
        settled_micro_usd = runs.settled_micro_usd + added.settled_micro_usd,
        unknown_micro_usd = runs.unknown_micro_usd + added.unknown_micro_usd,
        unknown_tokens = runs.unknown_tokens + added.unknown_tokens,
        model_calls = runs.model_calls + added.model_calls,
        attempts = runs.attempts + added.attempts
      from added where runs.id = added.run_id`,
  })
}
