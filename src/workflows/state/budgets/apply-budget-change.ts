import type { BudgetChange, BudgetReached, RunSpent } from '../../../contracts/budgets/budget.ts'
import { changedLimits } from '../../../contracts/budgets/changed-limits.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { hasEnded, type RunState } from '../run-state.ts'
import { resumeFromOwnBudget } from './budget-pause.ts'
import { withNotice } from './budget-state.ts'
import { budgetOf } from './usable-limits.ts'

/* New numbers of a budget: what the run has spent, and limits that a person has changed. */

/** Keeps what the store has booked for the run so far; undefined where the activity reports nothing. */
export function withSpent(plan: WorkflowPlan, state: RunState, spent: RunSpent | undefined): RunState {
  if (spent === undefined) return state
  const after: RunState = { ...state, budget: { ...state.budget, spent } }
  if (after.budget.softTold || findPassedThreshold(plan, after) === null) return after
  return { ...after, budget: withNotice({ ...after.budget, softTold: true }, 'threshold') }
}

/** The first limit of which the run has used its budget's `softRatio`; null while there is none. */
export function findPassedThreshold(
  plan: WorkflowPlan,
  { budget: { limits, spent }, models }: RunState,
): BudgetReached | null {
  const { softRatio } = budgetOf(plan)
  const amounts = [
    { limit: 'cost', used: spent.costMicroUsd ?? 0, allowed: limits.maxCostMicroUsd },
    { limit: 'tokens', used: spent.tokens, allowed: limits.maxTokens },
    { limit: 'model_calls', used: spent.modelCalls - models.spared, allowed: limits.maxModelCalls },
  ] as const
  for (const { limit, used, allowed } of amounts) {
    if (allowed !== undefined && used >= allowed * softRatio) return { scope: 'run', limit, allowed, used }
  }
  return null
}

/** Puts new limits in force. A run that waited for its own budget tries again, and one on its cheaper chain goes back to the usual. */
export function applyBudgetChange(plan: WorkflowPlan, state: RunState, change: BudgetChange): RunState {
  const { id } = change
  const { changes } = state.budget
  if (hasEnded(state) || (id !== undefined && changes.includes(id))) return state
  const limits = changedLimits(plan, state.budget.limits, change)
  if (limits === null) return state
  const isLastCallRunning = state.budget.mode === 'finishing' && state.turn.stage !== 'idle'
  const budget = withNotice(
    {
      ...state.budget,
      limits,
      changes: id === undefined ? changes : [...changes, id].slice(-KNOWN_CHANGES),
      softTold: false,
      mode: isLastCallRunning ? 'finishing' : 'usual',
      unrecordedBy: [...(state.budget.unrecordedBy ?? []), change.by],
    },
    'changed',
  )
  return resumeFromOwnBudget({ ...state, budget })
}

/** Ids of changes that are kept to recognise a repeated one. Never changes: runs replay by it. */
const KNOWN_CHANGES = 100
