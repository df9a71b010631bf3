import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { Activities, ActivityName } from '../contracts/activities.ts'
import { createBookkeeping } from './bookkeeping.ts'
import { createCallModel } from './call-model.ts'
import type { Dependencies } from './dependencies.ts'
import { failure } from './failure.ts'
import { createRunTool } from './run-tool.ts'

/** Every activity, over the given outside. What escapes one that is not ours to throw counts as the store not answering. */
export function createActivities(deps: Dependencies): Activities {
  const { openRun, requestApproval, recordDecision, noteToolResults, closeRun } = createBookkeeping(deps)
  return {
    openRun: guarded('openRun', openRun),
    callModel: guarded('callModel', createCallModel(deps)),
    runTool: guarded('runTool', createRunTool(deps)),
    requestApproval: guarded('requestApproval', requestApproval),
    recordDecision: guarded('recordDecision', recordDecision),
    noteToolResults: guarded('noteToolResults', noteToolResults),
    closeRun: guarded('closeRun', closeRun),
  }

  function guarded<I, O>(name: ActivityName, activity: (input: I) => Promise<O>): (input: I) => Promise<O> {
    return async (input) => {
      try {
        return await activity(input)
      } catch (error) {
        if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error
        deps.logger.error({ err: error, activity: name }, 'activity failed')
        throw failure(name, 'store_unavailable')
      }
    }
  }
}
