import type { BookedLimits, RunSpent } from './budget.ts'
import type { JsonObject } from './json.ts'
import type { HopWithheld } from './model-call.ts'
import type { RunPlan } from './plan.ts'
import type { RunId, RunIdentity } from './run.ts'
import type { ToolOutcome } from './tool-call.ts'
import type { RunUsage } from './usage.ts'
import type { WorkflowPlan } from './workflow-plan.ts'

/** What a sub-agent needs to begin: a row of its own, its input, and its share of the budget. */
export interface OpenChildInput {
  readonly run: RunIdentity
  readonly childRunId: RunId
  readonly workflowId: string
  /** The child's, with the limits it asks for; only where the run's history has it. It is looked up for others. */
  readonly plan?: RunPlan
  /** Whether the parent has limits at all, which a child without a budget is then held to as well. */
  readonly isLimited?: boolean
  /** The child's share of the parent's tool calls, where either is limited. */
  readonly maxToolCalls?: number
  readonly step: number
  readonly index: number
  /** null: they are to be read from the store. Their `task` is the child's input. */
  readonly arguments: JsonObject | null
  /** The parent's own limits that its share comes out of. */
  readonly limits?: BookedLimits
}

/** `withheld`: not even the least share is left; `never`: nor would it be with nothing used. */
export type OpenedChild = AcceptedChild | (HopWithheld & { readonly never?: true })

export interface AcceptedChild {
  /** The child's share. */
  readonly limits: BookedLimits
  /** What its workflow is started with, where the parent's history does not have its plan. */
  readonly planned?: { readonly plan: WorkflowPlan; readonly promptVersion: string }
}

/** Brings a sub-agent's answer and usage back: its share is released and what it spent is the parent's. */
export interface CloseChildInput {
  readonly run: RunIdentity
  readonly childRunId: RunId
  readonly step: number
  readonly index: number
  readonly seq: number
  readonly callId: string
  readonly tool: string
}

export interface ClosedChild {
  readonly outcome: ToolOutcome
  /** The parent's totals from here on. */
  readonly spent: RunSpent
  /** What the child used, for the parent's own count. */
  readonly usage: RunUsage
}
