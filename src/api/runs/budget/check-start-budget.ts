import { covers } from '../../../contracts/access/api-key.ts'
import { type BudgetLimits, ON_UNKNOWN_PRICE, type RunBudget } from '../../../contracts/budgets/budget.ts'
import type { RunPlan } from '../../../contracts/runs/plan.ts'
import { insufficientScope } from '../../access/insufficient-scope.ts'
import type { Principal } from '../../access/principal.ts'
import type { ProblemItem } from '../../http/problems/problem.ts'
import type { StartBudget } from './run-budget.schema.ts'
import { readLimits, wireName } from './wire-limits.ts'

/**
 * Anybody may start a run with a smaller budget than its agent has. A larger one, or a less strict `on_unknown_price`, takes the scope
 * to change budgets.
 *
 * @param own the agent's own plan; its limit of steps is one that a budget may replace
 * @throws Problem forbidden
 */
export function checkStartBudget(
  wish: StartBudget,
  { budget: own, limits: { maxSteps } }: Pick<RunPlan, 'budget' | 'limits'>,
  { scopes }: Pick<Principal, 'scopes'>,
): void {
  if (own === undefined || covers(scopes, 'budgets:write')) return
  const errors = [...raised(readLimits(wish), { maxSteps, ...own.limits }), ...loosened(wish, own)]
  if (errors.length === 0) return
  throw insufficientScope(
    ['budgets:write'],
    'This API key may not raise a budget above that of the agent: it takes budgets:write.',
    errors,
  )
}

function raised(wish: BudgetLimits, own: BudgetLimits): ProblemItem[] {
  return (Object.keys(wish) as (keyof BudgetLimits)[]).flatMap((limit) => {
    const most = own[limit]
    if (most === undefined || (wish[limit] ?? 0) <= most) return []
    return [{ pointer: `/budget/${wireName(limit)}`, detail: `Must be at most ${most}.` }]
  })
}

/** `ON_UNKNOWN_PRICE` lists the policies from the strictest on. */
function loosened({ on_unknown_price: wish }: StartBudget, { onUnknownPrice }: RunBudget): ProblemItem[] {
  const place = (policy: RunBudget['onUnknownPrice']) => ON_UNKNOWN_PRICE.indexOf(policy)
  if (wish === undefined || place(wish) <= place(onUnknownPrice)) return []
  const allowed = ON_UNKNOWN_PRICE.slice(0, place(onUnknownPrice) + 1)
  return [{ pointer: '/budget/on_unknown_price', detail: `Must be one of: ${allowed.join(', ')}.` }]
}
