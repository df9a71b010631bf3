import type { Activities, ActivityName } from '../../contracts/activities.ts'
import { createLruMap } from '../../contracts/lru-map.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunId, RunIdentity } from '../../contracts/runs/run.ts'
import type { RunTrace } from '../../contracts/runs/run-trace.ts'
import type { ThreadPlace } from '../../contracts/threads/thread.ts'
import { UNKNOWN_RUN } from '../../policies/activities.ts'
import { WORKER } from '../../policies/worker.ts'
import type { Db } from '../../store/database/database.ts'
import { type AcceptedRow, findAccepted, findAcceptedPlan } from '../../store/runs/accepted-run.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import { failure } from '../failure.ts'
import { Forged, type ForgeryProblem } from './forged.ts'

/** A run as the store has accepted it. An activity believes this in place of its input. */
export interface AcceptedRun {
  readonly runId: RunId
  readonly workflowId: string
  /** The run's principal. */
  readonly principal: string
  readonly trace: RunTrace
  /** The run's place in its thread; null where it has none. */
  readonly thread: ThreadPlace | null
  /** null for runs of a release that did not hold activities to the plan. */
  readonly plan: RunPlan | null
}

/** Activities with the accepted run as their second argument, which the guard gives them. */
export type Held<N extends ActivityName> = {
  [K in N]: (input: Parameters<Activities[K]>[0], accepted: AcceptedRun) => ReturnType<Activities[K]>
}

/** An execution of a workflow, by Temporal's ids. */
interface Execution {
  readonly workflowId: string
  /** Another one after each hand-over, and after each resumption of the run. */
  readonly runId: string
}

/**
 * Finds the accepted run for an activity that its own workflow calls, with the identity that the run was accepted with. None of this
 * changes while a workflow goes on, so each process asks the store once for an execution, and once for a plan.
 *
 * @throws Forged where another workflow calls, or another identity is given
 * @throws ApplicationFailure turn_not_begun; run_ended where the turn will never begin
 */
export function createAcceptedRuns(
  database: Db,
): (run: RunIdentity, execution: Execution) => Promise<AcceptedRun> {
  const runs = createLruMap<RunId, AcceptedRow & { readonly execution: string }>(WORKER.acceptedRunsKept)
  const plans = createLruMap<string, RunPlan>(WORKER.plansKept)

  async function planOf({ runId, planSha256 }: AcceptedRow): Promise<RunPlan | null> {
    if (planSha256 === null) return null
    const plan = plans.get(planSha256) ?? (await findAcceptedPlan(database, runId))
    plans.set(planSha256, plan)
    return plan
  }

  return async (run, { workflowId, runId: execution }) => {
    let row = runs.get(run.runId)
    if (row?.execution !== execution || findProblem(row, run, workflowId) !== null) {
      const found = await findAccepted(database, run.runId)
      const problem = found === null ? 'unknown_run' : findProblem(found, run, workflowId)
      if (found === null || problem !== null) throw new Forged(problem ?? 'unknown_run')
      // An API of the release before knows no turns, and may have started the run too early.
      if (found.threadId !== null && found.threadSeq === null)
        throw found.hasEnded
          ? failure('openRun', 'run_ended', { final: true })
          : failure('openRun', 'turn_not_begun', { retryAfterMs: UNKNOWN_RUN.everyMs })
      row = { ...found, execution }
      runs.set(run.runId, row)
    }
    const { runId, principal } = row
    const trace = runTraceOf(runId, row)
    return { runId, workflowId, principal, trace, thread: placeOf(row), plan: await planOf(row) }
  }
}

function placeOf({ threadId, threadSeq }: AcceptedRow): ThreadPlace | null {
  return threadId === null || threadSeq === null ? null : { threadId, seq: threadSeq }
}

function findProblem(row: AcceptedRow, run: RunIdentity, workflowId: string): ForgeryProblem | null {
  if (row.workflowId !== workflowId) return 'other_workflow'
  const { tenant, principal, groups = [], parentRunId = null } = run
  const isSame =
    row.tenant === tenant &&
    row.principal === principal &&
    row.parentRunId === parentRunId &&
    row.groups.length === groups.length &&
    row.groups.every((group) => groups.includes(group))
  return isSame ? null : 'other_identity'
}
