import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { Activities, ActivityName } from '../contracts/activities.ts'
import type { RunIdentity } from '../contracts/run.ts'
import { MOST_FAULTS } from '../policies/activities.ts'
import { isOutage } from '../store/database/outage.ts'
import { createDecisions } from './approvals/decisions.ts'
import { createRequestApproval } from './approvals/request-approval.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { createCallModel } from './models/call-model.ts'
import type { AcceptedRun } from './runs/accepted-runs.ts'
import { createBookkeeping } from './runs/bookkeeping.ts'
import { createGuard } from './runs/guard.ts'
import { createChildren } from './team/children.ts'
import { createLookUpCall } from './tools/look-up-call.ts'
import { createRunTool } from './tools/run-tool.ts'

/** What a worker is given: `default` takes what has no function of its own. */
export interface RegisteredActivities extends Activities {
  default: Activities['runTool']
}

/**
 * Every activity, over the given outside. What escapes one is an outage of the store, which is repeated until it is over, or a
 * fault of our own code, which a later build may mend.
 */
export function createActivities(deps: Dependencies): RegisteredActivities {
  const refusingForgeries = createGuard(deps)
  const { openRun, noteToolResults, recordBudget, recordModelWait, closeRun } = createBookkeeping(deps)
  const { admitDecision, admitBudgetChange, recordRefusal, recordRefusals, recordProgress, recordDecision } =
    createDecisions(deps)
  const { openChild, closeChild } = createChildren(deps)
  const runTool = guarded('runTool', createRunTool(deps))
  return {
    openRun: guarded('openRun', openRun),
    callModel: guarded('callModel', createCallModel(deps)),
    lookUpCall: guarded('lookUpCall', createLookUpCall(deps)),
    runTool,
    // A tool call goes by its tool's name. Any other activity that this worker does not know is for a worker that does.
    async default(input) {
      if (input?.tool?.name !== activityInfo().activityType) throw failure('runTool', 'agent_unknown')
      return runTool(input)
    },
    requestApproval: guarded('requestApproval', createRequestApproval(deps)),
    admitDecision: guarded('admitDecision', admitDecision),
    recordRefusal: guarded('recordRefusal', recordRefusal),
    recordRefusals: guarded('recordRefusals', recordRefusals),
    recordProgress: guarded('recordProgress', recordProgress),
    recordDecision: guarded('recordDecision', recordDecision),
    noteToolResults: guarded('noteToolResults', noteToolResults),
    openChild: guarded('openChild', openChild),
    closeChild: guarded('closeChild', closeChild),
    recordBudget: guarded('recordBudget', recordBudget),
    recordModelWait: guarded('recordModelWait', recordModelWait),
    admitBudgetChange: guarded('admitBudgetChange', admitBudgetChange),
    closeRun: guarded('closeRun', closeRun),
  }

  function guarded<I extends { readonly run: RunIdentity }, O>(
    name: ActivityName,
    activity: (input: I, accepted: AcceptedRun) => Promise<O>,
  ): (input: I) => Promise<O> {
    return async (input) => {
      const { attempt } = activityInfo()
      // Whoever reaches Temporal can leave out what every activity of ours is given.
      const about = { activity: name, runId: input?.run?.runId, attempt }
      try {
        const output = await refusingForgeries(name, input, async (accepted) => activity(input, accepted))
        if (attempt > 1) deps.logger.info(about, 'activity went through at a later attempt')
        return output
      } catch (error) {
        if (error instanceof CancelledFailure) throw error
        if (error instanceof ApplicationFailure) {
          deps.logger.info({ ...about, code: error.type, final: error.nonRetryable }, 'attempt failed')
          throw error
        }
        if (isOutage(error)) {
          // One line at its begin and one at its end are the store's own.
          deps.logger.debug({ err: error, ...about }, 'attempt failed')
          throw failure(name, 'store_unavailable')
        }
        deps.logger.error({ err: error, ...about }, 'activity failed')
        throw failure(name, 'internal', { final: attempt >= MOST_FAULTS })
      }
    }
  }
}
