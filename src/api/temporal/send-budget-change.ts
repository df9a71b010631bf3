import type { Client } from '@temporalio/client'
import type { BudgetChange, BudgetLimits } from '../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { budget, changeBudget } from '../../workflows/agent-run.messages.ts'
import type { SignalBound } from './signal-bound.ts'
import { type Reply, updateOrSignal } from './update-or-signal.ts'

/** Codes with which a run refuses a change of its budget: types of the update's failure. */
const REFUSALS = [
  'budget_change_invalid',
  'decision_unsigned',
  'run_ended',
  'run_busy',
] as const satisfies readonly ErrorCode[]

/** `done` has the limits after the change. */
export type BudgetChangeReply = Reply<BudgetLimits, (typeof REFUSALS)[number]>

export function sendBudgetChange(
  client: Client,
  workflowId: string,
  change: BudgetChange,
  bound: SignalBound,
): Promise<BudgetChangeReply> {
  return updateOrSignal(client, workflowId, {
    update: changeBudget,
    signal: budget,
    argument: change,
    refusals: REFUSALS,
    bound,
  })
}
