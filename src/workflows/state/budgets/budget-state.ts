import {
  type BudgetLimits,
  type BudgetNotice,
  type BudgetReached,
  NOTHING_SPENT,
  type RunSpent,
} from '../../../contracts/budget.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'

/** What the run has used, what it may, and what it does about that. */
export interface BudgetState {
  /** In force: the plan's, as they have been changed since. */
  readonly limits: BudgetLimits
  /** `degraded`: on the cheaper chain. `finishing`: the next call is the last, without tools. */
  readonly mode: 'usual' | 'degraded' | 'finishing'
  /** As the store last said. */
  readonly spent: RunSpent
  /** Begun so far, with what is set aside for sub-agents. */
  readonly toolCalls: number
  readonly pause: BudgetPause | null
  /** Kill switches that are on, as far as the run was told. */
  readonly switchedOff: readonly ('tenant' | 'agent')[]
  /** The soft ratio's threshold has been told. */
  readonly softTold: boolean
  /** What was reached last. */
  readonly reached: BudgetReached | null
  /** Ids of the changes made, oldest first; a repeated one is told by them. */
  readonly changes: readonly string[]
  /** Notices so far, and those of them that are not on the record yet, oldest first. */
  readonly progress: number
  readonly unrecorded: readonly BudgetNotice[]
  /** Who made the changes among `unrecorded`, in their order. Absent in a state that 0.2 carried over. */
  readonly unrecordedBy?: readonly string[]
  readonly recording: boolean
}

/** The run waits for more. */
export interface BudgetPause {
  readonly reached: BudgetReached
  readonly expiresAtMs: number
  /** null where only a person can help. */
  readonly lookAgainAtMs: number | null
  /** A hop is being tried, to see whether there is more now. */
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
