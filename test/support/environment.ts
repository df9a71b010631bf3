import shop from '../../examples/shop/app.ts'
import { seedShop } from '../../examples/shop/data/seed-shop.ts'
import SCRIPT from '../../examples/shop/script/index.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import { shopPlan } from './shop.ts'
import { type EnvironmentOptions, startEnvironment as startAny } from './start-environment.ts'

/*
 * The demonstration in the tests' harness. Deprecated: for tests whose subject is the demonstration, until they have moved beside it.
 */

export type { Environment } from './start-environment.ts'

export function startEnvironment(options: EnvironmentOptions = {}) {
  return startAny({ app: shop, seed: seedShop, script: SCRIPT, ...options })
}

/**
 * One agent with all that the support team can do itself, with other limits and no budget: handing over, sub-agents and
 * budgets have tests of their own.
 */
export function supportPlan({ approvalTimeoutMs, ...limits }: PlanChanges = {}): RunPlan {
  const { specialists = {}, subAgents: _, budget: __, ...plan } = shopPlan('support')
  const team = [plan, ...Object.values(specialists)].flatMap(({ tools }) => tools)
  const own = team.filter(({ execution }) => execution === 'local' || execution === 'activity')
  const { standard } = plan.approvalTerms
  const timeoutMs = approvalTimeoutMs ?? standard.timeoutMs
  return {
    ...plan,
    tools: [...new Map(own.map((tool) => [tool.name, tool])).values()],
    limits: { ...plan.limits, ...limits },
    approvalTerms: { ...plan.approvalTerms, standard: { ...standard, timeoutMs } },
  }
}

type PlanChanges = Partial<RunPlan['limits']> & { readonly approvalTimeoutMs?: number }

/** The same, with a person asked before any call of this tool. */
export function askingPlan(tool: string, limits: PlanChanges = {}): RunPlan {
  const plan = supportPlan(limits)
  const approval = { rules: [], otherwise: 'ask' } as const
  return { ...plan, tools: plan.tools.map((row) => (row.name === tool ? { ...row, approval } : row)) }
}
