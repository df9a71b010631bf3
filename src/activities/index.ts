import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { Activities, ActivityName } from '../contracts/activities.ts'
import type { LogArea } from '../contracts/log-levels.ts'
import type { RunIdentity } from '../contracts/run.ts'
import { MOST_FAULTS } from '../policies/activities.ts'
import { isOutage } from '../store/database/outage.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { createAdmitDecision } from './approvals/admit-decision.ts'
import { createRecordDecision } from './approvals/record-decision.ts'
import { createRecordProgress } from './approvals/record-progress.ts'
import { createRecordRefusals } from './approvals/record-refusals.ts'
import { createRequestApproval } from './approvals/request-approval.ts'
import { createAdmitBudgetChange } from './budgets/admit-budget-change.ts'
import { createRecordBudget } from './budgets/record-budget.ts'
import type { Dependencies } from './dependencies.ts'
import { keepingExchanges } from './dossier/exchange-scope.ts'
import { failure } from './failure.ts'
import { createCallModel } from './models/call-model.ts'
import { createCompactTranscript } from './models/context/compact-transcript.ts'
import { createRecordModelWait } from './models/record-model-wait.ts'
import { createChooseRoute } from './models/routing/choose-route.ts'
import { createMakeDailyReports } from './reports/make-daily-reports.ts'
import type { AcceptedRun } from './runs/accepted-runs.ts'
import { createCloseRun } from './runs/close-run.ts'
import { createGuard } from './runs/guard.ts'
import { createOpenRun } from './runs/open-run.ts'
import { createChildren } from './team/children.ts'
import { createLookUpCall } from './tools/look-up-call.ts'
import { createNoteToolResults } from './tools/note-tool-results.ts'
import { createRunTool } from './tools/run-tool.ts'

/** The worker's activities. `default` takes every activity type that has no function of its own. */
export interface RegisteredActivities extends Activities {
  default: Activities['runTool']
}

/**
 * Builds all activities. An error that is neither an ApplicationFailure nor a cancellation is reported as `store_unavailable`, which is
 * retried until the store is back, or as `internal`, which is retried a few times: a later build may mend it.
 */
export function createActivities(dependencies: Dependencies): RegisteredActivities {
  const withArea = (area: LogArea) => ({
    ...dependencies,
    logger: areaOf(dependencies.logger, area),
    appLogger: areaOf(dependencies.logger, 'app'),
  })
  const deps = withArea('runs')
  const models = withArea('models')
  const tools = withArea('tools')
  const approvals = withArea('approvals')
  const guard = createGuard(deps)
  const { recordRefusal, recordRefusals } = createRecordRefusals(approvals)
  const { openChild, closeChild } = createChildren(deps)
  const makeDailyReports = reported('makeDailyReports', createMakeDailyReports(deps))
  const runTool = guarded('runTool', createRunTool(tools))
  return {
    openRun: guarded('openRun', createOpenRun(deps)),
    callModel: guarded('callModel', createCallModel(models)),
    compactTranscript: guarded('compactTranscript', createCompactTranscript(models)),
    chooseRoute: guarded('chooseRoute', createChooseRoute(models)),
    lookUpCall: guarded('lookUpCall', createLookUpCall(tools)),
    runTool,
    // A tool call has the tool's name as its activity type. Any other unknown activity is for a worker that knows it.
    async default(input) {
      if (input?.tool?.name !== activityInfo().activityType) throw failure('runTool', 'agent_unknown')
      return runTool(input)
    },
    requestApproval: guarded('requestApproval', createRequestApproval(approvals)),
    admitDecision: guarded('admitDecision', createAdmitDecision(approvals)),
    recordRefusal: guarded('recordRefusal', recordRefusal),
    recordRefusals: guarded('recordRefusals', recordRefusals),
    recordProgress: guarded('recordProgress', createRecordProgress(approvals)),
    recordDecision: guarded('recordDecision', createRecordDecision(approvals)),
    noteToolResults: guarded('noteToolResults', createNoteToolResults(tools)),
    openChild: guarded('openChild', openChild),
    closeChild: guarded('closeChild', closeChild),
    recordBudget: guarded('recordBudget', createRecordBudget(deps)),
    recordModelWait: guarded('recordModelWait', createRecordModelWait(deps)),
    admitBudgetChange: guarded('admitBudgetChange', createAdmitBudgetChange(deps)),
    closeRun: guarded('closeRun', createCloseRun(deps)),
    // Without the input that somebody may have called it with.
    makeDailyReports: () => makeDailyReports(undefined),
  }

  /** Temporal makes another attempt, on this worker or on another one. */
  function retried(activity: ActivityName, runId: string | undefined, attempt: number, code: string): void {
    deps.telemetry.record({ type: 'activity.retried', activity, runId: runId ?? null, attempt, code })
  }

  function guarded<I extends { readonly run: RunIdentity }, O>(
    name: ActivityName,
    activity: (input: I, accepted: AcceptedRun) => Promise<O>,
  ): (input: I) => Promise<O> {
    return reported(name, (input) =>
      guard(name, input, (accepted) =>
        keepingExchanges(deps.exchanges, () =>
          activity({ ...input, run: { ...input.run, trace: accepted.trace } }, accepted),
        ),
      ),
    )
  }

  /** Logs how attempts end, and gives failures their codes. */
  function reported<I extends { readonly run: RunIdentity } | undefined, O>(
    name: ActivityName,
    activity: (input: I) => Promise<O>,
  ): (input: I) => Promise<O> {
    return async (input) => {
      const { attempt } = activityInfo()
      // Whoever reaches Temporal can call an activity without an input, which our workflows always give.
      const about = { activity: name, runId: input?.run?.runId, attempt }
      try {
        const output = await activity(input)
        if (attempt > 1) deps.logger.info(about, 'activity went through at a later attempt')
        return output
      } catch (error) {
        if (error instanceof CancelledFailure) throw error
        if (error instanceof ApplicationFailure) {
          if (error.nonRetryable) deps.logger.info({ ...about, code: error.type }, 'activity failed for good')
          else retried(name, about.runId, attempt, error.type ?? 'internal')
          throw error
        }
        if (isOutage(error)) {
          // The outage watch logs one line when the outage begins, and one when it ends.
          deps.logger.debug({ err: error, ...about }, 'attempt failed')
          retried(name, about.runId, attempt, 'store_unavailable')
          throw failure(name, 'store_unavailable')
        }
        deps.logger.error({ err: error, ...about }, 'activity failed')
        const final = attempt >= MOST_FAULTS
        if (!final) retried(name, about.runId, attempt, 'internal')
        throw failure(name, 'internal', { final })
      }
    }
  }
}
