import type { RunStatus } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/**
 * - `open`: runs that have not ended, the oldest first, no more than are to be counted; the index of open runs has them in this order
 * - `awaited`: the approvals that these runs wait for, once each, since a run also waits for those of its sub-agents. They are found by the
 *   runs: no index finds them among all that were decided
 * - `by_agent`: how many they are by agent, and how old
 */
const COUNT = statement(
  'count_open_runs',
  `
  with open as materialized (
    select agent, status, waits_for from runs
    where status in ('queued', 'in_progress', 'requires_action')
    order by created_at, id
    limit :most
  ),
  awaited as (
    select distinct approval_id from open cross join unnest(open.waits_for) as approval_id
  ),
  by_agent as (
    select approvals.agent, count(*)::integer as waiting,
      extract(epoch from clock_timestamp() - min(approvals.requested_at))::float8 as "oldestSeconds"
    from awaited join approvals on approvals.id = awaited.approval_id
    group by approvals.agent
  )
  select
    (select coalesce(json_agg(counted), '[]') from (
      select agent, status, count(*)::integer as runs from open group by agent, status order by agent, status
    ) as counted) as runs,
    (select coalesce(json_agg(by_agent order by agent), '[]') from by_agent) as approvals`,
)

/** Runs that have not ended, and the approvals that they wait for, of all tenants. */
export interface OpenRuns {
  readonly runs: readonly { readonly agent: string; readonly status: RunStatus; readonly runs: number }[]
  readonly approvals: readonly {
    readonly agent: string
    readonly waiting: number
    readonly oldestSeconds: number
  }[]
}

/** @param most open runs that are looked at, the oldest first: with more of them, the counts are too small */
export async function countOpenRuns(db: Db, most: number): Promise<OpenRuns> {
  const [row] = await db.query<OpenRuns>(COUNT.with({ most }))
  if (row === undefined) throw new Error('The store did not count its open runs.')
  return row
}
