import type { RunPlan } from './plan.ts'
import { teamOf } from './read-plan.ts'

/** What facts call the agent of a run whose plan is not in the store: a run of an early release. */
const NOT_KNOWN = 'unknown'

/** The agent that the run was started with. */
export function startedAgent(plan: RunPlan | null): string {
  return plan?.agent.name ?? NOT_KNOWN
}

/**
 * The agent that has made a call: the one that the run was handed to last before it, or else the one that it was started with.
 *
 * @param handedBy the tool of that handoff; null where there was none
 */
export function callingAgent(plan: RunPlan | null, handedBy: string | null): string {
  if (plan === null) return NOT_KNOWN
  const tools = teamOf(plan).flatMap((agent) => agent.tools)
  return tools.find(({ name }) => name === handedBy)?.to ?? plan.agent.name
}
