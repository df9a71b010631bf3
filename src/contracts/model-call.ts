import type { BudgetReached, HopBudget, RunSpent } from './budget.ts'
import type { FailedHop } from './ending.ts'
import type { PlannedModel, StopReason } from './model.ts'
import type { RunPlan } from './plan.ts'
import type { RunIdentity } from './run.ts'
import type { PendingToolCall } from './tool.ts'
import type { CallUsage } from './usage.ts'

/** What a plan says of a model call: which model is asked, with which instructions and tools. */
export interface PlannedModelCall {
  readonly prompt: RunPlan['prompt']
  readonly model: PlannedModel
  readonly tools: readonly string[]
}

/** What the plan says of the call stands here only for a run whose history has the whole plan; for others it is looked up. */
export interface CallModelInput extends Partial<PlannedModelCall> {
  readonly run: RunIdentity
  readonly step: number
  /** Place in the fallback chain, from 0. The call's key is `run/step/hop`. */
  readonly hop: number
  /** Transcript position of the answer; everything before it is what the model is shown. */
  readonly seq: number
  readonly agent: string
  /** Messages added while the run went on, to be placed in the transcript before this call, from `seq - length` on. */
  readonly inbox?: readonly string[]
  /** Tools whose rules ask whether the principal has used them before. */
  readonly firstTimeOf?: readonly string[]
  /** Hops of this step that failed before this one; recorded with the answer. */
  readonly failedHops?: readonly FailedHop[]
  /** Absent where the run's plan has no budget; those that many runs share hold all the same. */
  readonly budget?: HopBudget
  /** The last call that the budget allows: the model is told to answer with what there is. */
  readonly wrapUp?: true
  /** The run waits for models: every link is tried once. */
  readonly probe?: true
}

/** A hop that was not begun: nothing was asked of a provider. */
export interface HopWithheld {
  readonly withheld: BudgetReached
}

/** The outcome of one model call. The answer's text is in the store at the call's `seq`. */
export interface ModelDecision {
  readonly stop: StopReason
  readonly toolCalls: readonly PendingToolCall[]
  readonly usage: CallUsage
  readonly costMicroUsd: number | null
  /** The model that served, as the provider names it. */
  readonly servedBy: string
  /** The answer's beginning. */
  readonly preview: string
  /** The run's totals with this call; only where it has a budget. */
  readonly spent?: RunSpent
}
