import type { BudgetReached, HopBudget, RunSpent } from '../budgets/budget.ts'
import type { CacheSaving } from '../cache/answer-cache.ts'
import type { FailedHop } from '../runs/ending.ts'
import type { RunPlan } from '../runs/plan.ts'
import type { RunIdentity } from '../runs/run.ts'
import type { PendingToolCall } from '../tools/tool.ts'
import type { AnswerFault } from './answer.ts'
import type { PlannedModel, StopReason } from './model.ts'
import type { CallUsage } from './usage.ts'

/** The parts of a model call that the plan has: the model, the instructions and the tools. */
export interface PlannedModelCall {
  readonly prompt: RunPlan['prompt']
  readonly model: PlannedModel
  readonly tools: readonly string[]
}

/** The plan's parts are here only for a run whose history has the whole plan; for other runs the activity looks them up. */
export interface CallModelInput extends Partial<PlannedModelCall> {
  readonly run: RunIdentity
  readonly step: number
  /** Place in the fallback chain, from 0. The call's key is `run/step/hop`. */
  readonly hop: number
  /** Transcript position of the answer; the model is shown everything before it. */
  readonly seq: number
  readonly agent: string
  /** Ids of messages added while the run went on. The call places them in the transcript, from `seq - length` on. */
  readonly inbox?: readonly string[]
  /** Tools whose rules ask whether the principal has used them before. */
  readonly firstTimeOf?: readonly string[]
  /** Hops of this step that failed before this one; the record has them with the answer. */
  readonly failedHops?: readonly FailedHop[]
  /** Absent where the run has no budget; shared budgets are enforced in any case. */
  readonly budget?: HopBudget
  /** The last call that the budget allows: the model is instructed to answer with what there is. */
  readonly wrapUp?: true
  /** The run waits for models: every hop is tried once. */
  readonly probe?: true
  /** Number of the agent's window. Absent where the model is shown the whole transcript. */
  readonly window?: number
}

/** The budget does not cover the hop, so no provider was asked. */
export interface HopWithheld {
  readonly withheld: BudgetReached
}

/** The request would have been longer than the model, or the agent's window, allows, so no provider was asked. */
export interface HopTooLong {
  readonly tooLong: { readonly tokens: number; readonly limit: number }
}

/** A model that was asked for the same answer as another, and did not give it. */
export interface HedgedWith {
  readonly hop: number
  readonly model: string
  /** `stopped`: the other one has sent the first byte. */
  readonly outcome: 'stopped' | 'failed'
}

/** The outcome of one model call. The answer's text is in the store at the call's `seq`. */
export interface ModelDecision {
  readonly stop: StopReason
  readonly toolCalls: readonly PendingToolCall[]
  readonly usage: CallUsage
  readonly costMicroUsd: number | null
  /** The hop that served, where it is not the one that the call is of. */
  readonly hop?: number
  /** The model that served, as the provider names it. */
  readonly servedBy: string
  /** The answer's beginning. */
  readonly preview: string
  /** Set where the answer can't be used as it is. The store has a message to the model about it, at the position after the answer's. */
  readonly fault?: AnswerFault
  /** The answer was given before: no provider was asked for this call, and its usage and cost are 0. */
  readonly cached?: CacheSaving
  /** The run's totals with this call; absent where the run has no budget. */
  readonly spent?: RunSpent
}

/** What comes of one hop. */
export type HopOutcome = ModelDecision | HopWithheld | HopTooLong
