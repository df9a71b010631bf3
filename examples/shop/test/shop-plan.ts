import shop from '../app.ts'

export type Plan = NonNullable<ReturnType<typeof shop.plan>>
export type PlannedTool = Plan['tools'][number]

/** What a run of this agent is pinned to. */
export function shopPlan(
  agent: 'assistant' | 'research' | 'support',
  overrides: Parameters<typeof shop.plan>[1] = {},
): Plan {
  const plan = shop.plan(agent, overrides)
  if (plan === null) throw new Error(`The shop has no agent ${agent}.`)
  return plan
}
