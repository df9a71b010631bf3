import type { TerminalStatus } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import type { RunOrigin, RunRow } from '../record/run-row.ts'
import { toUsage, USAGE_COLUMNS, type UsageColumns } from '../record/run-usage.ts'

export interface EndedRuns {
  readonly tenants: readonly string[]
  /** Times between which a run has ended. They may overlap. */
  readonly between: readonly { readonly after: string; readonly before: string }[]
  readonly limit: number
}

/** What is told of a run's end. A plan, an output and metadata may be long, and are not read. */
export interface EndedRunRow
  extends RunOrigin,
    Pick<
      RunRow,
      'agent' | 'agentVersion' | 'promptVersion' | 'reason' | 'error' | 'steps' | 'usage' | 'createdAt'
    > {
  readonly status: TerminalStatus
  readonly completedAt: string
}

const FIND_ENDED = unprepared(`
  select distinct id, tenant, principal, parent_run_id as "parentRunId", trace_id as "traceId",
    caller_span_id as "callerSpanId", trace_sampled as "traceSampled", resumes, agent, agent_version as "agentVersion",
    prompt_version as "promptVersion", status, reason, error, steps, created_at as "createdAt",
    completed_at as "completedAt", ${USAGE_COLUMNS.trim()}
  from unnest(:after::timestamptz[], :before::timestamptz[]) as between_times (after, before)
  join runs on tenant = any (:tenants) and completed_at > between_times.after and completed_at < between_times.before
  order by "completedAt" desc limit :limit`)

/** Runs that ended in one of the given times, the latest first. */
export async function findEndedRuns(db: Db, { tenants, between, limit }: EndedRuns): Promise<EndedRunRow[]> {
  const rows = await db.query<Omit<EndedRunRow, 'usage'> & UsageColumns>(
    FIND_ENDED.with({
      tenants,
      after: between.map(({ after }) => after),
      before: between.map(({ before }) => before),
      limit,
    }),
  )
  return rows.map((row) => ({ ...row, usage: toUsage(row) }))
}
