import type { ErrorCode } from '../error-codes.ts'
import type { RunIdentity } from '../runs/run.ts'
/** Limits of a run; an absent one does not limit. Amounts and counts of calls include sub-agents. */
export interface BudgetLimits {
  readonly maxCostMicroUsd?: number
  /** Input and output of all model calls. */
  readonly maxTokens?: number
  /** Attempts of model calls that asked a provider, whether it answered or not. */
  readonly maxModelCalls?: number
  readonly maxToolCalls?: number
  /** Turns of the loop. */
  readonly maxSteps?: number
  /** The run's own time; waiting for people does not count. It is checked before each hop, so the last one may end later. */
  readonly maxActiveMs?: number
}

/** Each limit's name on the wire and in events: with `max_` before it as a limit, without it as an addition to one. */
export const LIMIT_NAMES = {
  maxCostMicroUsd: 'cost_micro_usd',
  maxTokens: 'tokens',
  maxModelCalls: 'model_calls',
  maxToolCalls: 'tool_calls',
  maxSteps: 'steps',
  maxActiveMs: 'active_ms',
} as const satisfies { readonly [L in keyof Required<BudgetLimits>]: string }

export type BudgetLimit = 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms'

/** Limits that the store enforces, in the statement that books the next attempt. */
export type BookedLimits = Pick<BudgetLimits, 'maxCostMicroUsd' | 'maxTokens' | 'maxModelCalls'>

/**
 * What a run does when its budget does not cover the next hop: wait for a larger budget (`pause`), go on with the cheaper chain
 * (`degrade`), make one last call for an answer (`finish`), or `fail`. `degrade` and `finish` reserve the share above `softRatio` for
 * that.
 */
export const ON_REACHED = ['pause', 'degrade', 'finish', 'fail'] as const
export type OnReached = (typeof ON_REACHED)[number]

/**
 * What happens with a model without a price while a cost limit is in force: it is not called (`deny`), it is called only under a limit of
 * tokens (`count_tokens`), or it is called in any case (`allow`).
 */
export const ON_UNKNOWN_PRICE = ['deny', 'count_tokens', 'allow'] as const
export type OnUnknownPrice = (typeof ON_UNKNOWN_PRICE)[number]

/** A run's budget in its plan. */
export interface RunBudget {
  readonly limits: BudgetLimits
  /** Share of a limit at which the event `budget.threshold` comes; with `degrade` and `finish`, the share that the usual mode may use. */
  readonly softRatio: number
  readonly onReached: OnReached
  readonly onUnknownPrice: OnUnknownPrice
  /** The least output cap: a cap is lowered to fit the rest of the budget, but not below this. */
  readonly floorOutputTokens: number
  /** How long a run waits for a larger budget before it ends. */
  readonly pauseMs: number
  /** How often a run that waits for a shared budget tries a hop. */
  readonly lookAgainMs: number
}

/** The limits for one hop. The run's totals, with this attempt's worst case, must not exceed them. */
export interface HopBudget {
  readonly limits: BookedLimits
  readonly floorOutputTokens: number
  readonly onUnknownPrice: OnUnknownPrice
}

export const BUDGET_SCOPES = ['principal', 'agent', 'tenant'] as const
/** A run's own budget, or one that many runs share. */
export type BudgetScope = 'run' | (typeof BUDGET_SCOPES)[number]

export const BUDGET_PERIODS = ['day', 'month'] as const
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number]

/** Why no hop or call may begin: a limit that does not cover it, or a kill switch. */
export interface BudgetReached {
  readonly scope: BudgetScope
  readonly limit: BudgetLimit | 'kill_switch'
  /** Absent for a run's own budget and for a switch. */
  readonly period?: BudgetPeriod
  /** In the limit's unit; 0 for a switch. */
  readonly allowed: number
  /** Spent, reserved and unknown, in the limit's unit; 0 for a switch. */
  readonly used: number
  /** When the period ends, RFC 3339; absent for a limit without a period. */
  readonly resetsAt?: string
  /** Only amounts reserved for calls under way are too much: when these have ended, the budget may cover the hop. */
  readonly momentary?: true
  /** The shared budget ends a run that reaches it, instead of letting it wait. */
  readonly refuse?: true
  /** How the last try of the withheld hop has failed, where there was one. What it cost is part of `used`. */
  readonly lastFailure?: ErrorCode
}

/** A run's totals in the store, with those of its children. Unknown is the worst case of attempts whose end nobody has seen. */
export interface RunSpent {
  /** Settled and unknown. null once a call's price was unknown. */
  readonly costMicroUsd: number | null
  readonly unknownMicroUsd: number
  /** Settled and unknown. */
  readonly tokens: number
  readonly modelCalls: number
}

export const NOTHING_SPENT: RunSpent = { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 0 }

/** A change of a run's limits: `limits` replaces those that it names, `add` raises limits that exist. */
export interface BudgetChange {
  /** Identifies the change: a repeated one with the same id is made once. */
  readonly id?: string
  readonly limits?: BudgetLimits
  readonly add?: BudgetLimits
  readonly by: string
  /** The API's signature. A worker accepts a change without one only where its configuration allows that. */
  readonly signature?: string
}

/** What happened to a run's budget, for the record. */
export type BudgetNotice = 'reached' | 'resumed' | 'changed' | 'degraded' | 'finishing' | 'threshold'

/** Puts notices about a run's budget on the record. `progress` counts them, so that each has one event. */
export interface RecordBudgetInput {
  readonly run: RunIdentity
  readonly progress: number
  /** The new notices, oldest first. */
  readonly notices: readonly BudgetNotice[]
  /** In force now. */
  readonly limits: BudgetLimits
  /** Set while the run waits for its budget. */
  readonly waits?: { readonly reached: BudgetReached; readonly expiresAt: string }
  /** The limit that was reached last, for the notices. */
  readonly reached?: BudgetReached
  /** The run's own limit that a notice `threshold` is about. */
  readonly threshold?: BudgetReached
  /** Who made the changes among the notices, in their order. */
  readonly changedBy?: readonly string[]
}
