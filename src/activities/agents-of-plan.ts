import type { RunPlan } from '../contracts/plan.ts'
import { teamOf } from '../contracts/read-plan.ts'

/** What facts call the agent of a run whose plan is not in the store: a run of an early release. */
const NOT_KNOWN = 'unknown'

/** The agent that the run was started with. */
export function startedAgent(plan: RunPlan | null): string {
  return plan?.agent.name ?? NOT_KNOWN
}

/** The agent that calls the tool: of the run's agents, the first that has it. */
export function agentWithTool(plan: RunPlan | null, tool: string): string {
  if (plan === null) return NOT_KNOWN
  const having = teamOf(plan).find(({ tools }) => tools.some(({ name }) => name === tool))
  return (having ?? plan).agent.name
}
