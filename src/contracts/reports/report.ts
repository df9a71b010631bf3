import type { BudgetPeriod, BudgetReached, BudgetScope } from '../budgets/budget.ts'
import type { RunId, RunReason, TerminalStatus } from '../runs/run.ts'

/** What was used on the report's day. Costs are micro-USD. */
export interface DaySpend {
  /** Settled cost, without attempts whose price is not known. */
  readonly costMicroUsd: number
  /** Worst case of attempts whose end or price is not known. */
  readonly unknownMicroUsd: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Attempts that gave an answer. */
  readonly modelCalls: number
  readonly attempts: number
  /** Attempts that are not settled yet. */
  readonly openAttempts: number
  /** Attempts whose price is not known. */
  readonly unpricedAttempts: number
  /** Settled cost of the day before. */
  readonly dayBeforeMicroUsd: number
  /** Settled cost of the seven days before together. A day without traffic is one of them. */
  readonly weekBeforeMicroUsd: number
}

export interface SpendRow extends DaySpend {
  readonly key: string
}

/** Spend by one key: its rows, the most expensive first, and what is left beyond them. Both together are the day's total. */
export interface SpendBreakdown {
  readonly rows: readonly SpendRow[]
  /** null where every key has a row. */
  readonly others: (DaySpend & { readonly keys: number }) | null
}

/** A run that somebody started, with what its sub-agents used that day. */
export interface ExpensiveRun {
  readonly runId: RunId
  readonly agent: string
  readonly principal: string
  readonly costMicroUsd: number
  readonly unknownMicroUsd: number
  readonly attempts: number
}

/** Ends of runs that somebody started. A run that was resumed has ended more than once. */
export interface RunOutcome {
  readonly status: TerminalStatus
  readonly reason: RunReason | null
  readonly runs: number
}

/** Calls of a tool that ended that day. Calls that a rule or a person refused are not among them; those that the tool itself has refused did not fail. */
export interface FailingTool {
  readonly tool: string
  readonly calls: number
  readonly failed: number
  /** Calls that may have taken effect: nobody knows. */
  readonly unknown: number
  /** The most frequent code of both. */
  readonly code: string | null
}

/** Calls of a tool that it has answered with a no of its own: there is no such thing, or it does not allow it. */
export interface RefusingTool {
  readonly tool: string
  readonly calls: number
  readonly refused: number
  /** The most frequent code. */
  readonly code: string
}

/** Attempts of a model that were booked that day. Attempts that their run has stopped did not fail. */
export interface FailingModel {
  /** `provider/model` as it was asked for. */
  readonly model: string
  readonly attempts: number
  readonly failed: number
  /** The most frequent code. */
  readonly code: string | null
}

export interface ReachedBudget {
  readonly scope: BudgetScope
  /** The principal, agent or tenant. Of a run's own budget, the agent that the run was started with. */
  readonly subject: string
  readonly limit: BudgetReached['limit']
  /** null for a run's own budget, and for a kill switch. */
  readonly period: BudgetPeriod | null
  readonly times: number
  readonly runs: number
}

/** What was not spent. */
export interface DaySavings {
  /** What the answers had cost when models made them. */
  readonly answerCache: { readonly hits: number; readonly misses: number; readonly savedMicroUsd: number }
  /** In comparison with uncached input; below 0 where writing to the caches has cost more. */
  readonly promptCache: { readonly cachedInputTokens: number; readonly savedMicroUsd: number }
  /**
   * Answers of agents with routes: what the same tokens would have cost at the most expensive model that any of the agent's chains
   * begins with, less what they did cost. Counted are answers for which both prices are known. Calls of classifiers are in the day's
   * spend, and are not taken off here. It may be below 0 where a later model of a chain is dearer than every first one.
   */
  readonly routing: { readonly answers: number; readonly savedMicroUsd: number }
}

/** One tenant's day. Attempts and look-ups are on the day on which they were booked, all else on the day by the tenant's time zone. */
export interface DailyReport {
  readonly tenant: string
  /** `YYYY-MM-DD`. */
  readonly day: string
  /** IANA name. */
  readonly timeZone: string
  /** RFC 3339. */
  readonly startsAt: string
  readonly endsAt: string
  /** Whether the day was over when the report was made. The report of a day that is not over says what there is so far. */
  readonly isOver: boolean
  readonly madeAt: string
  readonly total: DaySpend
  readonly byAgent: SpendBreakdown
  readonly byModel: SpendBreakdown
  readonly byPrincipal: SpendBreakdown
  readonly outcomes: readonly RunOutcome[]
  readonly mostExpensiveRuns: readonly ExpensiveRun[]
  readonly failingTools: readonly FailingTool[]
  readonly refusingTools: readonly RefusingTool[]
  readonly failingModels: readonly FailingModel[]
  readonly saved: DaySavings
  readonly budgetsReached: readonly ReachedBudget[]
  readonly unpriced: readonly { readonly model: string; readonly attempts: number }[]
}

/** What came of one look for days that are over. */
export interface MadeReports {
  /** Reports that were made, of all tenants and days. */
  readonly made: number
}
