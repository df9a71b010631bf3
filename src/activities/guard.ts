import { activityInfo } from '@temporalio/activity'
import type { ActivityName } from '../contracts/activities.ts'
import type { RunIdentity } from '../contracts/run.ts'
import { recordForgery } from '../store/record-forgery.ts'
import { type AcceptedRun, createAcceptedRuns } from './accepted-runs.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { Forged } from './forged.ts'

type Guard = <O>(
  activity: ActivityName,
  input: { readonly run: RunIdentity },
  work: (accepted: AcceptedRun) => Promise<O>,
) => Promise<O>

/**
 * Lets only a run's own workflow do something in its name. Whoever reaches Temporal's port can start a workflow, or an activity
 * without one, and give it any input; what of it does not agree with the store is not done and not tried again, and is on the
 * run's record.
 */
export function createGuard({ database, logger }: Pick<Dependencies, 'database' | 'logger'>): Guard {
  const accepted = createAcceptedRuns(database)

  async function accept(input: { readonly run: RunIdentity }): Promise<AcceptedRun> {
    const { workflowExecution } = activityInfo()
    if (workflowExecution === undefined) throw new Forged('no_workflow')
    if (!isIdentity(input?.run)) throw new Forged('unknown_run')
    return accepted(input.run, workflowExecution.workflowId)
  }

  return async (activity, input, work) => {
    try {
      return await work(await accept(input))
    } catch (error) {
      if (!(error instanceof Forged)) throw error
      const { problem, code } = error
      const { workflowExecution: workflow, activityType } = activityInfo()
      const runId = isIdentity(input?.run) ? input.run.runId : null
      logger.warn({ problem, activity, activityType, workflow, run: runId }, 'refused a forged activity')
      if (runId !== null) await recordForgery(database, { runId, activity, problem })
      throw failure(activity, code, { final: true })
    }
  }
}

/** Anybody may have written it. Whether it is true is looked up. */
function isIdentity(run: unknown): run is RunIdentity {
  if (typeof run !== 'object' || run === null) return false
  const { runId, tenant, principal, groups = [], parentRunId = '' } = run as Partial<RunIdentity>
  return (
    [runId, tenant, principal, parentRunId].every((text) => typeof text === 'string') &&
    Array.isArray(groups) &&
    !String(runId).includes('\0')
  )
}
