import type { ApprovalTerms } from '../../contracts/approvals/approval.ts'
import type { RunBudget } from '../../contracts/budgets/budget.ts'
import { PLAN_FORMAT, type PlannedAgent, type RunPlan } from '../../contracts/runs/plan.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import { narrowTools } from './narrow-tools.ts'
import type { PlannedDefinition } from './plan-definition.ts'
import type { BudgetOverrides, PlanOverrides } from './plan-overrides.ts'

export interface PlanParts {
  readonly agents: ReadonlyMap<string, PlannedDefinition>
  readonly terms: RunPlan['approvalTerms']
}

/**
 * Everything a run needs to know about its agent and those that work with it, as the application is now; null where no run can be
 * started with such an agent.
 */
export function planRun(parts: PlanParts, name: string, overrides: PlanOverrides = {}): RunPlan | null {
  const entry = parts.agents.get(name)
  if (!entry?.startable) return null
  const { planned, limits, budget } = entry
  const specialists = specialistsOf(parts, planned)
  const team = [planned, ...Object.values(specialists)]
  const subAgents = planSubAgents(parts, team)
  return {
    format: PLAN_FORMAT,
    ...planned,
    ...(Object.keys(specialists).length > 0 && { specialists }),
    ...(Object.keys(subAgents).length > 0 && { subAgents }),
    budget: withOverrides(budget, overrides.budget),
    approvalTerms: termsOf(parts, toolsOf(team)),
    limits: { ...limits, deadlineMs: overrides.deadlineMs ?? limits.deadlineMs },
  }
}

/** All agents that a run which begins with `entry` can be handed to, directly or through others. */
export function specialistsOf(
  parts: Pick<PlanParts, 'agents'>,
  entry: PlannedAgent,
): Record<string, PlannedAgent> {
  const team = new Map([[entry.agent.name, entry]])
  // The loop also visits agents that are added while it runs.
  for (const { tools } of team.values()) {
    for (const to of targets(tools, 'handoff')) {
      if (!team.has(to)) team.set(to, requireAgent(parts, to).planned)
    }
  }
  team.delete(entry.agent.name)
  return Object.fromEntries(team)
}

/** Names of the agents that these tools lead to, each once. */
function targets(tools: readonly PlannedTool[], kind: 'handoff' | 'child'): readonly string[] {
  return [
    ...new Set(tools.flatMap(({ execution, to }) => (execution === kind && to !== undefined ? [to] : []))),
  ]
}

/** Plans of the sub-agents that the team's tools start. They may do nothing that the team may not, and have no handoffs or sub-agents. */
function planSubAgents(parts: PlanParts, team: readonly PlannedAgent[]): Record<string, RunPlan> {
  const tools = toolsOf(team)
  return Object.fromEntries(targets(tools, 'child').map((name) => [name, planSubAgent(parts, name, tools)]))
}

function planSubAgent(parts: PlanParts, name: string, teamTools: readonly PlannedTool[]): RunPlan {
  const { planned, limits, budget } = requireAgent(parts, name)
  const tools = narrowTools(planned.tools, teamTools)
  return {
    format: PLAN_FORMAT,
    ...planned,
    // The parent waits for models where its own agent says so, and can go on without the answer of a sub-agent that has none.
    whenNoModel: 'answer',
    tools,
    budget,
    approvalTerms: termsOf(parts, tools),
    limits,
  }
}

/** The terms that these tools' rules name, and `standard`. */
function termsOf({ terms }: PlanParts, tools: readonly PlannedTool[]): RunPlan['approvalTerms'] {
  const rules = tools.flatMap(({ approval }) => approval.rules)
  const named = rules.flatMap((rule) => (rule.terms === undefined ? [] : [rule.terms]))
  return {
    ...Object.fromEntries(named.map((name) => [name, requireTerms(terms, name)])),
    standard: terms.standard,
  }
}

function withOverrides(budget: RunBudget, { limits, ...rest }: BudgetOverrides = {}): RunBudget {
  return { ...budget, ...rest, limits: { ...budget.limits, ...limits } }
}

function toolsOf(team: readonly PlannedAgent[]): readonly PlannedTool[] {
  return team.flatMap(({ tools }) => tools)
}

function requireAgent({ agents }: Pick<PlanParts, 'agents'>, name: string): PlannedDefinition {
  const agent = agents.get(name)
  if (agent === undefined) throw new Error(`A tool leads to an agent that does not exist: ${name}`)
  return agent
}

function requireTerms(terms: RunPlan['approvalTerms'], name: string): ApprovalTerms {
  const found = terms[name]
  if (found === undefined) throw new Error(`A tool's rule names terms that do not exist: ${name}`)
  return found
}
