import type { AgentSummary, App } from '../../app/app.ts'
import type { RunBudget } from '../../contracts/budgets/budget.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import { toWireLimits } from '../runs/budget/wire-limits.ts'
import type { AgentResource } from './agent.schema.ts'

/** An agent as a run that starts now would get it; null where none can be started with it. */
export function toAgentResource(
  app: Pick<App, 'plan'>,
  { name, purpose }: AgentSummary,
): AgentResource | null {
  const plan = app.plan(name)
  if (plan === null) return null
  const { agent, prompt, chain, tools, output, limits, budget } = plan
  return {
    name: agent.name,
    object: 'agent',
    version: agent.version,
    purpose,
    prompt: { name: prompt.name, version: prompt.version },
    models: chain.map(({ provider, model }) => ({ provider, model })),
    tools: tools.map(toTool),
    output_schema: output ?? null,
    limits: {
      max_steps: limits.maxSteps,
      deadline_ms: limits.deadlineMs,
    },
    budget: budget === undefined ? null : toBudget(budget),
    specialists: Object.keys(plan.specialists ?? {}),
    sub_agents: Object.keys(plan.subAgents ?? {}),
  }
}

function toTool({ name, effect, requires }: PlannedTool): AgentResource['tools'][number] {
  if (requires === undefined) return { name, effect }
  const { scopes, groups } = requires
  return {
    name,
    effect,
    requires: { ...(scopes && { scopes: [...scopes] }), ...(groups && { groups: [...groups] }) },
  }
}

function toBudget({ limits, softRatio, onReached, onUnknownPrice }: RunBudget): AgentResource['budget'] {
  return {
    ...toWireLimits(limits),
    soft_ratio: softRatio,
    on_reached: onReached,
    on_unknown_price: onUnknownPrice,
  }
}
