import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** What a run is from its acceptance to its end; `resumes` counts its executions after the first one, and `hasEnded` is of the moment. */
export interface AcceptedRow {
  readonly runId: RunId
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly parentRunId: RunId | null
  /** The workflow that carries it out. */
  readonly workflowId: string
  /** null: accepted by a release that kept none. */
  readonly planSha256: string | null
  readonly traceId: string | null
  readonly callerSpanId: string | null
  readonly traceSampled: boolean | null
  readonly resumes: number
  readonly threadId: ThreadId | null
  /** null: the run's turn in its thread has not begun, or it has no thread. */
  readonly threadSeq: number | null
  readonly hasEnded: boolean
}

const FIND_ACCEPTED = statement(
  'find_accepted',
  `
  select id as "runId", tenant, principal, groups, parent_run_id as "parentRunId", workflow_id as "workflowId",
    plan_sha256 as "planSha256", trace_id as "traceId", caller_span_id as "callerSpanId", trace_sampled as "traceSampled", resumes,
    thread_id as "threadId", thread_seq as "threadSeq", completed_at is not null as "hasEnded"
  from runs where id = :run_id`,
)

const FIND_ACCEPTED_PLAN = statement('find_accepted_plan', 'select plan from runs where id = :run_id')

/** A run of any tenant: the caller has yet to prove which tenant it works for. */
export async function findAccepted(db: Db, runId: string): Promise<AcceptedRow | null> {
  const [row] = await db.query<AcceptedRow>(FIND_ACCEPTED.with({ run_id: runId }))
  return row ?? null
}

/** @throws where the run has been deleted since it was accepted */
export async function findAcceptedPlan(db: Db, runId: RunId): Promise<RunPlan> {
  const [row] = await db.query<{ plan: RunPlan }>(FIND_ACCEPTED_PLAN.with({ run_id: runId }))
  if (row === undefined) throw new Error(`The store has no run ${runId} any more.`)
  return row.plan
}
