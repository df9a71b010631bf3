import type { Client } from '@temporalio/client'
import type { BudgetChange, BudgetLimits } from '../../contracts/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { budget, changeBudget } from '../../workflows/agent-run.messages.ts'
import type { SignalBound } from './signal-bound.ts'
import { type Reply, updateOrSignal } from './update-or-signal.ts'

/** Why the run does not take a change of its budget: the types of its failures. */
const REFUSALS = [
  'budget_change_invalid',
  'decision_unsigned',
  'run_ended',
  'run_busy',
] as const satisfies readonly ErrorCode[]

/** `done` has the limits as they are with the change. */
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
