import type { WorkflowAgent, WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import type { RunState } from './run-state.ts'

/**
 * The agent that has the run now: the one that it started with, or the specialist that it was handed to.
 *
 * @param state `speaker` names that specialist
 */
export function currentAgent<A extends WorkflowAgent>(
  plan: A & { readonly specialists?: { readonly [name: string]: A } },
  { speaker }: Pick<RunState, 'speaker'>,
): A {
  return (speaker === null ? plan : plan.specialists?.[speaker]) ?? plan
}

/** The route that the current agent has in this run; null for its own chain. */
export function currentRoute(plan: WorkflowPlan, state: Pick<RunState, 'speaker' | 'routes'>): number | null {
  return state.routes[currentAgent(plan, state).agent.name]?.route ?? null
}
