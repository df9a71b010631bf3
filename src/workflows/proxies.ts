import {
  ActivityCancellationType,
  type ActivityOptions,
  type LocalActivityOptions,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow'
import type { Activities, ActivityName } from '../contracts/activities.ts'
import type { PlannedTool } from '../contracts/tool.ts'
import { ACTIVITY_POLICY, type ActivityRow } from '../policies/activities.ts'

/*
 * The only place that turns rows of the policy table into Temporal's options. Which failures are final stands in the table
 * too, but it is the activities that say so when they throw: as a list it would be repeated in every event of history.
 */

/** An activity as the table has it. `summary` is the line that an operator reads in the Web UI. */
export function activity(name: ActivityName, summary: string): Activities {
  return proxyActivities<Activities>({ ...optionsOf(ACTIVITY_POLICY[name]), summary })
}

/** The same, tried once: whoever asks tries again later. */
export function onceActivity(name: ActivityName, summary: string): Activities {
  const row: ActivityRow = ACTIVITY_POLICY[name]
  return proxyActivities<Activities>({
    ...optionsOf({ ...row, retry: { ...row.retry, maximumAttempts: 1 } }),
    summary,
  })
}

/** An activity inside the workflow task: no round trips, for work of milliseconds. Its result is a marker in history. */
export function localActivity(name: ActivityName, summary: string): Activities {
  return proxyLocalActivities<Activities>({ ...localOptionsOf(ACTIVITY_POLICY[name]), summary })
}

type RunTool = Activities['runTool']

/**
 * `runTool` as the tool's own row has it. The activity goes by the tool's name, since that is what the Web UI shows of a local
 * one; a worker takes every activity that it has no function for as a tool call.
 */
export function toolActivity(tool: PlannedTool, summary: string): RunTool {
  const { retry } = ACTIVITY_POLICY.runTool
  const row: ActivityRow = {
    ...ACTIVITY_POLICY.runTool,
    startToCloseMs: tool.timeoutMs,
    retry: { ...retry, maximumAttempts: tool.attempts },
  }
  const byName =
    tool.execution === 'local'
      ? proxyLocalActivities<Record<string, RunTool>>({ ...localOptionsOf(row), summary })
      : proxyActivities<Record<string, RunTool>>({ ...optionsOf(row), summary })
  return byName[tool.name] as RunTool
}

function optionsOf(row: ActivityRow): ActivityOptions {
  return {
    ...localOptionsOf(row),
    ...(row.heartbeatMs > 0 && { heartbeatTimeout: row.heartbeatMs }),
  }
}

function localOptionsOf({
  startToCloseMs,
  scheduleToCloseMs,
  retry,
  onCancel,
}: ActivityRow): LocalActivityOptions {
  return {
    startToCloseTimeout: startToCloseMs,
    scheduleToCloseTimeout: scheduleToCloseMs,
    retry: {
      maximumAttempts: retry.maximumAttempts,
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
