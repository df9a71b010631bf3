import { activityInfo } from '@temporalio/activity'
import type { ActivityName } from '../../contracts/activities.ts'
import { PLAN_FORMAT } from '../../contracts/runs/plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { UNKNOWN_RUN } from '../../policies/activities.ts'
import { recordForgery } from '../../store/runs/record-forgery.ts'
import { runOfRow } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { type AcceptedRun, createAcceptedRuns } from './accepted-runs.ts'
import { Forged } from './forged.ts'

type Guard = <O>(
  activity: ActivityName,
  input: { readonly run: RunIdentity },
  work: (accepted: AcceptedRun) => Promise<O>,
) => Promise<O>

/**
 * Lets only a run's own workflow act for the run. Whoever reaches Temporal's port can start a workflow, or an activity without one, with
 * any input. Input that contradicts the store is refused, and recorded with the run. A refused activity is tried again only where the
 * store has no such run: this worker may look into another store than the others.
 */
export function createGuard({
  database,
  logger,
  telemetry,
}: Pick<Dependencies, 'database' | 'logger' | 'telemetry'>): Guard {
  const accepted = createAcceptedRuns(database)

  async function accept(input: { readonly run: RunIdentity }): Promise<AcceptedRun> {
    const { workflowExecution } = activityInfo()
    if (workflowExecution === undefined) throw new Forged('no_workflow')
    if (!isIdentity(input?.run)) throw new Forged('unknown_run')
    return accepted(input.run, workflowExecution)
  }

  return async (activity, input, work) => {
    try {
      const run = await accept(input)
      if (run.plan !== null && run.plan.format > PLAN_FORMAT) {
        logger.warn(
          { activity, runId: run.runId, format: run.plan.format },
          'left to a worker that knows the plan',
        )
        throw failure(activity, 'agent_unknown')
      }
      return await work(run)
    } catch (error) {
      if (!(error instanceof Forged)) throw error
      const { problem, code } = error
      const { workflowExecution, activityType, attempt } = activityInfo()
      const runId = isIdentity(input?.run) ? input.run.runId : null
      const workflowId = workflowExecution?.workflowId
      logger.warn({ problem, activity, activityType, workflowId, runId }, 'refused a forged activity')
      const run = runId === null ? null : await recordForgery(database, { runId, activity, problem })
      telemetry.record({
        type: 'guard.tripped',
        guard: 'forgery',
        problem,
        code,
        activity,
        atMs: Date.now(),
        runId,
        ...(run !== null && { run: runOfRow(run) }),
      })
      // A worker with a wrong database knows no run. Without further attempts, on other workers too, it would end all runs that it gets.
      const isTriedAgain = problem === 'unknown_run' && attempt < UNKNOWN_RUN.most
      throw failure(activity, code, { final: !isTriedAgain, retryAfterMs: UNKNOWN_RUN.everyMs })
    }
  }
}

/** Whether this has the shape of an identity: whoever reaches Temporal can send anything. The store says whether it is true. */
function isIdentity(run: unknown): run is RunIdentity {
  if (typeof run !== 'object' || run === null) return false
  const { runId, tenant, principal, groups = [], parentRunId = '' } = run as Partial<RunIdentity>
  return (
    [runId, tenant, principal, parentRunId].every((text) => typeof text === 'string') &&
    Array.isArray(groups) &&
    !String(runId).includes('\0')
  )
}
