import type { BudgetChange } from '../contracts/budgets/budget.ts'
import type { RunId } from '../contracts/runs/run.ts'
import { sign, verify } from './signature.ts'

export function signBudgetChange(secret: string, runId: RunId, change: BudgetChange): string {
  return sign(secret, 'budget_change', runId, change)
}

export function verifyBudgetChange(secret: string, runId: RunId, change: BudgetChange): boolean {
  return verify(secret, 'budget_change', runId, change)
}
