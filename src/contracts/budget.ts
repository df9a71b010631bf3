import type { RunIdentity } from './run.ts'
/** What a run may use. What is absent is not limited. Amounts and counts of calls include sub-agents. */
export interface BudgetLimits {
  readonly maxCostMicroUsd?: number
  /** Input and output of all model calls. */
  readonly maxTokens?: number
  /** Attempts of model calls: what was asked of a provider, whether it answered or not. */
  readonly maxModelCalls?: number
  readonly maxToolCalls?: number
  /** Turns of the loop. */
  readonly maxSteps?: number
  /** The run's own time; waiting for people does not count. Looked at before each hop, so the last one may end after it. */
  readonly maxActiveMs?: number
}

/** What each limit is called on the wire and in events: `max_` and this as a limit, bare as something that is added. */
export const LIMIT_NAMES = {
  maxCostMicroUsd: 'cost_micro_usd',
  maxTokens: 'tokens',
  maxModelCalls: 'model_calls',
  maxToolCalls: 'tool_calls',
  maxSteps: 'steps',
  maxActiveMs: 'active_ms',
} as const satisfies { readonly [L in keyof Required<BudgetLimits>]: string }

export type BudgetLimit = 'cost' | 'tokens' | 'model_calls' | 'tool_calls' | 'steps' | 'active_ms'

/** Limits that are held where attempts are booked: in the store, in the statement that books the next one. */
export type BookedLimits = Pick<BudgetLimits, 'maxCostMicroUsd' | 'maxTokens' | 'maxModelCalls'>

/**
 * What a run does when its budget does not cover the next hop: wait for more (`pause`), go on with the cheaper chain
 * (`degrade`), answer in one last call with what there is (`finish`), or `fail`. `degrade` and `finish` keep the share above
 * `softRatio` back for that.
 */
export const ON_REACHED = ['pause', 'degrade', 'finish', 'fail'] as const
export type OnReached = (typeof ON_REACHED)[number]

/**
 * A model that the price book does not know, while a cost limit is in force: it is not called (`deny`), or called where a limit
 * of tokens is in force instead (`count_tokens`), or called all the same (`allow`).
 */
export const ON_UNKNOWN_PRICE = ['deny', 'count_tokens', 'allow'] as const
export type OnUnknownPrice = (typeof ON_UNKNOWN_PRICE)[number]

/** A run's budget, as its plan pins it. */
export interface RunBudget {
  readonly limits: BudgetLimits
  /** Share of a limit at which `budget.threshold` is told; with `degrade` and `finish`, all that the usual way may use. */
  readonly softRatio: number
  readonly onReached: OnReached
  readonly onUnknownPrice: OnUnknownPrice
  /** An output cap is lowered to fit the rest, but not below this. */
  readonly floorOutputTokens: number
  /** How long a run waits for more before it ends. */
  readonly pauseMs: number
  /** A run that waits for a budget which is not its own looks again this often. */
  readonly lookAgainMs: number
}

/** What one hop is held to. The run's totals, this attempt's worst case included, stay at or below the limits. */
export interface HopBudget {
  readonly limits: BookedLimits
  readonly floorOutputTokens: number
  readonly onUnknownPrice: OnUnknownPrice
}

export const BUDGET_SCOPES = ['principal', 'agent', 'tenant'] as const
/** Whose budget: a run's own, or one that many runs share. */
export type BudgetScope = 'run' | (typeof BUDGET_SCOPES)[number]

export const BUDGET_PERIODS = ['day', 'month'] as const
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number]

/** Why nothing more may begin: a limit that does not cover the next hop, or a kill switch. */
export interface BudgetReached {
  readonly scope: BudgetScope
  readonly limit: BudgetLimit | 'kill_switch'
  /** Absent for a run's own budget and for a switch. */
  readonly period?: BudgetPeriod
  /** What is allowed, and what is spent, reserved or unknown, in the limit's unit. 0 for a switch. */
  readonly allowed: number
  readonly used: number
  /** When the period ends, RFC 3339; absent for what does not end by itself. */
  readonly resetsAt?: string
  /** Only what is set aside for calls under way is in the way: there may be enough when they have ended. */
  readonly momentary?: true
  /** The budget's table says that a run which meets it ends instead of waiting. */
  readonly refuse?: true
}

/** A run's own totals, children included, as the store has them. Unknown is the worst case of attempts whose end nobody saw. */
export interface RunSpent {
  /** Settled and unknown. null once a call's price was unknown. */
  readonly costMicroUsd: number | null
  readonly unknownMicroUsd: number
  /** Settled and unknown. */
  readonly tokens: number
  readonly modelCalls: number
}

export const NOTHING_SPENT: RunSpent = { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 0 }

/** Changes a run's limits: `limits` replaces those that it names, `add` raises those that are there. */
export interface BudgetChange {
  /** The same id again is the same change, made once. */
  readonly id?: string
  readonly limits?: BudgetLimits
  readonly add?: BudgetLimits
  readonly by: string
  /** The API's word for `by`; without it a worker believes a change only where it is told to. */
  readonly signature?: string
}

/** What happened to a run's budget, for the record. */
export type BudgetNotice = 'reached' | 'resumed' | 'changed' | 'degraded' | 'finishing' | 'threshold'

/** What became of a run's budget. `progress` counts the notices, so that each is told once. */
export interface RecordBudgetInput {
  readonly run: RunIdentity
  readonly progress: number
  /** New ones, oldest first. */
  readonly notices: readonly BudgetNotice[]
  /** In force now. */
  readonly limits: BudgetLimits
  /** Set while the run waits for more. */
  readonly waits?: { readonly reached: BudgetReached; readonly expiresAt: string }
  /** What was reached last, for the notices. */
  readonly reached?: BudgetReached
  /** The limit of its own that a `threshold` among them is about. */
  readonly threshold?: BudgetReached
  /** Who made the changes among the notices, in their order. */
  readonly changedBy?: readonly string[]
}
