import {
  type BudgetLimits,
  type BudgetNotice,
  type BudgetReached,
  NOTHING_SPENT,
  type RunSpent,
} from '../../../contracts/budgets/budget.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'

/** What the run has used, what it may use, and how it goes on within that. */
export interface BudgetState {
  /** The limits in force: the plan's, with all changes since. */
  readonly limits: BudgetLimits
  /** `degraded`: on the cheaper chain. `finishing`: the next model call is the last, and has no tools. */
  readonly mode: 'usual' | 'degraded' | 'finishing'
  /** As the last activity has read it in the store. */
  readonly spent: RunSpent
  /** Tool calls begun so far, and those set aside for sub-agents. */
  readonly toolCalls: number
  readonly pause: BudgetPause | null
  /** Kill switches that are on, by the signals that the run has received. */
  readonly switchedOff: readonly ('tenant' | 'agent')[]
  /** The notice `threshold` has been given for the limits in force. */
  readonly softTold: boolean
  /** The limit that was reached last. */
  readonly reached: BudgetReached | null
  /** Ids of the changes made, oldest first, by which a repeated change is recognised. */
  readonly changes: readonly string[]
  /** Number of notices so far. */
  readonly progress: number
  /** Those of them that still have to be put on the record, oldest first. */
  readonly unrecorded: readonly BudgetNotice[]
  /** Who made the changes among `unrecorded`, in their order. Absent in a state that 0.2 carried over. */
  readonly unrecordedBy?: readonly string[]
  readonly recording: boolean
}

/** The run waits until the limit that it has reached has room again. */
export interface BudgetPause {
  readonly reached: BudgetReached
  readonly expiresAtMs: number
  /** When a hop is tried next; null where only a person can raise the limit. */
  readonly lookAgainAtMs: number | null
  /** A hop is being tried, to find out whether the limit has room now. */
  readonly probing: boolean
}

export function initialBudget(plan: Pick<WorkflowPlan, 'budget'>): BudgetState {
  return {
    limits: plan.budget?.limits ?? {},
    mode: 'usual',
    spent: NOTHING_SPENT,
    toolCalls: 0,
    pause: null,
    switchedOff: [],
    softTold: false,
    reached: null,
    changes: [],
    progress: 0,
    unrecorded: [],
    recording: false,
  }
}

/** Adds a notice to those that go on the record. */
export function withNotice(budget: BudgetState, notice: BudgetNotice): BudgetState {
  const { progress, unrecorded } = budget
  return { ...budget, progress: progress + 1, unrecorded: [...unrecorded, notice] }
}
