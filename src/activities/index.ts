import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { Activities, ActivityName } from '../contracts/activities.ts'
import type { LogArea } from '../contracts/processes/log-levels.ts'
import type { RunIdentity } from '../contracts/runs/run.ts'
import { MOST_FAULTS } from '../policies/activities.ts'
import { isOutage } from '../store/database/outage.ts'
import { inTenant, scopedToTenant } from '../store/database/tenants/tenant-scope.ts'
import { inActivity } from '../telemetry/activity-scope.ts'
import { runFields, toFactRun } from '../telemetry/fact-run.ts'
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
import { type CallPlace, placeOfCall } from './models/find-planned-call.ts'
import { createRecordModelWait } from './models/record-model-wait.ts'
import { createChooseRoute } from './models/routing/choose-route.ts'
import { createMakeDailyReports } from './reports/make-daily-reports.ts'
import type { AcceptedRun } from './runs/accepted-runs.ts'
import { createCloseRun } from './runs/close-run.ts'
import { createGuard } from './runs/guard.ts'
import { createOpenRun } from './runs/open-run.ts'
import { createNoteDueStart } from './schedules/note-due-start.ts'
import { createChildren } from './team/children.ts'
import { createLookUpCall } from './tools/look-up-call.ts'
import { createNoteToolResults } from './tools/note-tool-results.ts'
import { createRunTool } from './tools/run-tool.ts'
import { createAttemptWebhook } from './webhooks/attempt-webhook.ts'

/** The worker's activities. `default` takes every activity type that has no function of its own. */
export interface RegisteredActivities extends Activities {
  default: Activities['runTool']
}

/** An attempt of an activity, as lines and facts name it. The trace and the tenant are known once the run was found in the store. */
interface Attempt extends Partial<CallPlace> {
  readonly activity: ActivityName
  readonly attempt: number
  readonly runId: string | undefined
  readonly traceId?: string
  readonly tenant?: string
  readonly agent?: string
  readonly step?: number
}

/**
 * Builds all activities. An error that is neither an ApplicationFailure nor a cancellation is reported as `store_unavailable`, which is
 * retried until the store is back, or as `internal`, which is retried a few times: a later build may mend it.
 */
export function createActivities(dependencies: Dependencies): RegisteredActivities {
  const database = scopedToTenant(dependencies.database)
  const withArea = (area: LogArea) => ({
    ...dependencies,
    database,
    logger: areaOf(dependencies.logger, area),
    appLogger: areaOf(dependencies.logger, 'app'),
  })
  const deps = withArea('runs')
  const models = withArea('models')
  const tools = withArea('tools')
  const approvals = withArea('approvals')
  /** For what is about all tenants, or finds out whose it is. */
  const ofAll = { ...deps, database: dependencies.database }
  const guard = createGuard(ofAll)
  const { recordRefusal, recordRefusals } = createRecordRefusals(approvals)
  const { openChild, closeChild } = createChildren(deps)
  const makeDailyReports = reported('makeDailyReports', createMakeDailyReports(ofAll))
  const runTool = guarded('runTool', createRunTool(tools))
  return {
    openRun: guarded('openRun', createOpenRun(deps)),
    callModel: guarded('callModel', createCallModel(models), placeOfCall),
    compactTranscript: guarded('compactTranscript', createCompactTranscript(models)),
    chooseRoute: guarded('chooseRoute', createChooseRoute(models)),
    lookUpCall: guarded('lookUpCall', createLookUpCall(tools)),
    runTool,
    // A tool call has the tool's name as its activity type. Any other unknown activity is for a worker that knows it.
    async default(input) {
      const { activityType, attempt } = activityInfo()
      if (input?.tool?.name !== activityType) {
        deps.logger.warn({ activity: activityType, attempt }, 'left to a worker that knows the activity')
        throw failure('runTool', 'agent_unknown')
      }
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
    noteDueStart: reported('noteDueStart', createNoteDueStart(ofAll)),
    attemptWebhook: reported(
      'attemptWebhook',
      createAttemptWebhook({ ...ofAll, logger: areaOf(dependencies.logger, 'webhooks') }),
    ),
  }

  /** Temporal makes another attempt, on this worker or on another one. */
  function retried({ runId, ...about }: Attempt, code: string): void {
    deps.telemetry.record({ type: 'activity.retried', runId: runId ?? null, ...about, code })
  }

  /** @param callPlaceOf for an activity that asks a model */
  function guarded<I extends { readonly run: RunIdentity }, O>(
    name: ActivityName,
    activity: (input: I, accepted: AcceptedRun) => Promise<O>,
    callPlaceOf?: (plan: AcceptedRun['plan'], input: I) => CallPlace,
  ): (input: I) => Promise<O> {
    return reported(name, (input, isFor) =>
      guard(name, input, (accepted) => {
        const { thread: _given, ...identity } = input.run
        const { trace, thread } = accepted
        const run = { ...identity, trace, ...(thread !== null && { thread }) }
        isFor(run, callPlaceOf?.(accepted.plan, input))
        const scope = { run: toFactRun(run), activity: name, ...placeOf(input) }
        return keepingExchanges(deps.exchanges, () =>
          inActivity(scope, () => inTenant(run.tenant, () => activity({ ...input, run }, accepted))),
        )
      }),
    )
  }

  /**
   * Logs how attempts end, and gives failures their codes.
   *
   * @param activity gives its second argument the run, and the call's place, once that is the store's word and not only the input's
   */
  function reported<I, O>(
    name: ActivityName,
    activity: (input: I, isFor: (run: RunIdentity, place?: CallPlace) => void) => Promise<O>,
  ): (input: I) => Promise<O> {
    return async (input) => {
      const { attempt } = activityInfo()
      // Whoever reaches Temporal can call an activity without an input, which our workflows always give.
      let about: Attempt = { activity: name, attempt, ...placeOf(input) }
      const isFor = (run: RunIdentity, place?: CallPlace) => {
        about = { ...about, ...runFields(run), ...place }
      }
      try {
        const output = await activity(input, isFor)
        if (attempt > 1) deps.logger.info(about, 'activity went through at a later attempt')
        return output
      } catch (error) {
        if (error instanceof CancelledFailure) throw error
        if (error instanceof ApplicationFailure) {
          if (error.nonRetryable) deps.logger.info({ ...about, code: error.type }, 'activity failed for good')
          else retried(about, error.type ?? 'internal')
          throw error
        }
        if (isOutage(error)) {
          // The outage watch logs one line when the outage begins, and one when it ends.
          deps.logger.debug({ err: error, ...about, code: 'store_unavailable' }, 'attempt failed')
          retried(about, 'store_unavailable')
          throw failure(name, 'store_unavailable')
        }
        deps.logger.error({ err: error, ...about, code: 'internal' }, 'activity failed')
        const final = attempt >= MOST_FAULTS
        if (!final) retried(about, 'internal')
        throw failure(name, 'internal', { final })
      }
    }
  }
}

/** The run, the step and the agent, of an activity that is about one. */
function placeOf(input: unknown): Pick<Attempt, 'runId' | 'step' | 'agent'> {
  const { run, step, agent } = {
    ...(input as
      | { readonly run?: RunIdentity; readonly step?: unknown; readonly agent?: unknown }
      | undefined),
  }
  return {
    runId: run?.runId,
    ...(typeof step === 'number' && { step }),
    ...(typeof agent === 'string' && { agent }),
  }
}
