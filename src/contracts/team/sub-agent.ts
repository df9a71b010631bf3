import type { BookedLimits, RunSpent } from '../budgets/budget.ts'
import type { JsonObject } from '../json.ts'
import type { HopWithheld } from '../models/model-call.ts'
import type { RunUsage } from '../models/usage.ts'
import type { RunPlan } from '../runs/plan.ts'
import type { RunId, RunIdentity } from '../runs/run.ts'
import type { WorkflowPlan } from '../runs/workflow-plan.ts'
import type { ToolOutcome } from '../tools/tool-call.ts'

/** Opens a sub-agent's run: its row, its input, and its share of the budget. */
export interface OpenChildInput {
  readonly run: RunIdentity
  readonly childRunId: RunId
  readonly workflowId: string
  /** The child's plan with the limits that it wants, where the run's history has it; for later runs it is looked up. */
  readonly plan?: RunPlan
  /** Whether the parent has limits at all: a child without a budget is then held to a share of them. */
  readonly isLimited?: boolean
  /** The child's share of the parent's tool calls, where either is limited. */
  readonly maxToolCalls?: number
  readonly step: number
  readonly index: number
  /** The call's arguments, whose `task` is the child's input; null where they have to be read in the store. */
  readonly arguments: JsonObject | null
  /** The parent's own limits, out of which the child's share is set aside. */
  readonly limits?: BookedLimits
}

/** `withheld`: the budget does not cover even the least share; `never`: not even with nothing spent. */
export type OpenedChild = AcceptedChild | (HopWithheld & { readonly never?: true })

export interface AcceptedChild {
  /** The child's share. */
  readonly limits: BookedLimits
  /** What the child's workflow is started with, where the parent's history does not have its plan. */
  readonly planned?: { readonly plan: WorkflowPlan; readonly promptVersion: string }
}

/** Closes a sub-agent's run: its answer is the call's result, its share is released, and the parent's totals get what it spent. */
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
  /** The parent's totals after that. */
  readonly spent: RunSpent
  /** What the child used, which the parent's workflow adds to its own usage. */
  readonly usage: RunUsage
}
