import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  isCancellation,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow'
import type { Activities, ActivityName } from '../contracts/activities.ts'
import type { WorkflowPlan } from '../contracts/runs/workflow-plan.ts'
import type { PlannedTool } from '../contracts/tools/tool.ts'
import { ACTIVITY_POLICY, type ActivityRow, LOCAL } from '../policies/activities.ts'

/*
 * The only place that turns rows of the policy table into Temporal's options. Activities mark a failure as final when they throw it: a
 * list of final failures in the options would be repeated in every event of history.
 */

/** The activities, with the options of this one's row. `summary` is the line that an operator reads in the Web UI. */
export function activity(name: ActivityName, summary: string): Activities {
  return proxyActivities<Activities>({ ...optionsOf(ACTIVITY_POLICY[name]), summary })
}

/** `openRun` as a local activity: work of milliseconds, without round trips to the server. Its result is a marker in history. */
export function openRunActivity(plan: WorkflowPlan, summary: string): Activities['openRun'] {
  const row = ACTIVITY_POLICY.openRun
  if (!fallsBack(plan)) return proxyLocalActivities<Activities>({ ...localOptionsOf(row), summary }).openRun
  const { openRun } = proxyLocalActivities<Activities>({ ...briefly(row), summary })
  return localFirst(openRun, activity('openRun', summary).openRun)
}

type RunTool = Activities['runTool']

/**
 * `runTool` for one tool. The activity's type is the tool's name, since the Web UI shows nothing else of a local activity. A worker
 * handles every activity type that it has no function for as a tool call.
 */
export function toolActivity(plan: WorkflowPlan, tool: PlannedTool, summary: string): RunTool {
  const row = ACTIVITY_POLICY.runTool
  const ordinary = () =>
    proxyActivities<Record<string, RunTool>>({ ...optionsOf(row), summary })[tool.name] as RunTool
  if (tool.execution !== 'local') return ordinary()
  const localRow = { ...row, startToCloseMs: tool.timeoutMs + LOCAL.spareMs }
  const options = fallsBack(plan) ? briefly(localRow) : localOptionsOf(localRow, tool.attempts)
  const local = proxyLocalActivities<Record<string, RunTool>>({ ...options, summary })[tool.name] as RunTool
  return fallsBack(plan) ? localFirst(local, ordinary()) : local
}

/** Whether a local activity that fails is repeated as an ordinary one. Runs of 0.2.0 did not do so. */
function fallsBack({ format }: WorkflowPlan): boolean {
  return format >= 3
}

/** The local activity first; where it does not succeed soon, the ordinary one, which Temporal retries without a trace in history. */
function localFirst<I, O>(local: (input: I) => Promise<O>, ordinary: (input: I) => Promise<O>) {
  return async (input: I): Promise<O> => {
    try {
      return await local(input)
    } catch (error) {
      if (isCancellation(error) || isFinal(error)) throw error
      return ordinary(input)
    }
  }
}

/** Whether no retry can help. Temporal wraps the failure of an ordinary activity, and throws that of a local activity as it is. */
function isFinal(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return !(cause instanceof TemporalFailure) || (cause instanceof ApplicationFailure && !!cause.nonRetryable)
}

function optionsOf(row: ActivityRow): ActivityOptions {
  return {
    ...localOptionsOf(row),
    ...(row.heartbeatMs > 0 && { heartbeatTimeout: row.heartbeatMs }),
  }
}

function briefly(row: ActivityRow): LocalActivityOptions {
  return localOptionsOf(row, LOCAL.attempts)
}

/** @param maximumAttempts unlimited where it is not given */
function localOptionsOf(
  { startToCloseMs, retry, onCancel }: ActivityRow,
  maximumAttempts?: number,
): LocalActivityOptions {
  return {
    startToCloseTimeout: startToCloseMs,
    retry: {
      ...(maximumAttempts !== undefined && { maximumAttempts }),
      initialInterval: retry.initialIntervalMs,
      backoffCoefficient: retry.backoffCoefficient,
      maximumInterval: retry.maximumIntervalMs,
    },
    cancellationType:
      onCancel === 'wait'
        ? ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        : ActivityCancellationType.ABANDON,
  }
}
