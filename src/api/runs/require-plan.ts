import type { App } from '../../app/app.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'
import { checkStartBudget } from './budget/check-start-budget.ts'
import type { StartRunBody } from './run.schema.ts'

/**
 * The own plan of the agent that a start names, where the caller may start it with the budget that the start wishes for.
 *
 * @throws Problem unknown_agent, forbidden
 */
export function requirePlan(
  app: Pick<App, 'plan'>,
  { agent, budget }: Pick<StartRunBody, 'agent' | 'budget'>,
  caller: Pick<Principal, 'scopes'>,
): RunPlan {
  const plan = app.plan(agent)
  if (plan === null) {
    throw new Problem('unknown_agent', {
      errors: [{ pointer: '/agent', detail: 'There is no agent with this name.' }],
    })
  }
  if (budget !== undefined) checkStartBudget(budget, plan, caller)
  return plan
}
