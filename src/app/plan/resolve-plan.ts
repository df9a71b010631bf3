import type { AgentName } from '../../agents/define-agent.ts'
import { AGENTS, findAgent } from '../../agents/registry.ts'
import type { RunBudget } from '../../contracts/budget.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/plan.ts'
import { RUN_BUDGETS } from '../../policies/budgets.ts'
import { RUN_LIMITS } from '../../policies/limits.ts'
import { narrowTools } from './narrow-tools.ts'
import { planAgent, planTeam } from './plan-agent.ts'
import type { BudgetOverrides, PlanOverrides } from './plan-overrides.ts'
import { termsFor } from './terms-for.ts'

export type { BudgetOverrides, PlanOverrides } from './plan-overrides.ts'

/** Everything a run needs to know about its agent and those that work with it, copied out of the tables as they stand now. */
export function resolvePlan(agentName: AgentName, overrides: PlanOverrides = {}): RunPlan {
  const limits = RUN_LIMITS[agentName]
  const entry = planAgent(AGENTS[agentName])
  const specialists = planTeam(entry)
  const team = [entry, ...Object.values(specialists)]
  const subAgents = planSubAgents(team)
  return {
    format: 3,
    ...entry,
    ...(Object.keys(specialists).length > 0 && { specialists }),
    ...(Object.keys(subAgents).length > 0 && { subAgents }),
    budget: planBudget(agentName, overrides.budget),
    approvalTerms: termsFor(team.flatMap(({ tools }) => tools)),
    limits: { ...limits, deadlineMs: overrides.deadlineMs ?? limits.deadlineMs },
  }
}

function planBudget(agentName: AgentName, { limits, ...rest }: BudgetOverrides = {}): RunBudget {
  const usual = RUN_BUDGETS[agentName]
  return { ...usual, ...rest, limits: { ...usual.limits, ...limits } }
}

/** Plans of those that the team's tools start. They may do nothing that the team may not, and start and hand to nobody. */
function planSubAgents(team: readonly PlannedAgent[]): Record<string, RunPlan> {
  const tools = team.flatMap((agent) => agent.tools)
  const names = tools.flatMap(({ execution, to }) => (execution === 'child' && to !== undefined ? [to] : []))
  return Object.fromEntries([...new Set(names)].map((name) => [name, planSubAgent(name, tools)]))
}

function planSubAgent(name: string, teamTools: PlannedAgent['tools']): RunPlan {
  const page = findAgent(name)
  if (page === null) throw new Error(`A tool starts an agent that does not exist: ${name}`)
  const agent = planAgent(page)
  const tools = narrowTools(agent.tools, teamTools)
  return {
    format: 3,
    ...agent,
    // Its parent waits, where it does: with a model it can go on without this one's answer.
    whenNoModel: 'answer',
    tools,
    budget: planBudget(page.name),
    approvalTerms: termsFor(tools),
    limits: RUN_LIMITS[page.name],
  }
}
