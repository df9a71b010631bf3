import type { Budget } from '../../store/budgets/budgets.ts'
import type { BudgetResource } from './shared-budget.schema.ts'

type Current = NonNullable<Budget['current']>

export function toBudgetResource({ current, ...budget }: Budget): BudgetResource {
  return {
    object: 'budget',
    scope: budget.scope,
    subject: budget.subject,
    period: budget.period,
    max_cost_micro_usd: budget.limitMicroUsd,
    max_tokens: budget.limitTokens,
    on_reached: budget.onReached,
    threshold: budget.threshold,
    by: budget.by,
    updated_at: budget.updatedAt,
    current: current === null ? null : toPeriod(current),
  }
}

function toPeriod({ startsOn, endsAt, spent, unknown, held }: Current): BudgetResource['current'] {
  return {
    starts_on: startsOn,
    ends_at: endsAt,
    spent: toUsed(spent),
    unknown: toUsed(unknown),
    held: toUsed(held),
  }
}

function toUsed({ costMicroUsd, tokens }: Current['spent']) {
  return { cost_micro_usd: costMicroUsd, tokens }
}
