import { cheaperHops, hopsAround, usualHops } from '../../../contracts/models/chains.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { currentAgent, currentRoute } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'

/** The number of the hop that a step begins with. */
export function firstHop(plan: WorkflowPlan, state: RunState): number {
  const agent = currentAgent(plan, state)
  const route = currentRoute(plan, state)
  const wantsCheaper = state.budget.mode !== 'usual' && plan.budget?.onReached === 'degrade'
  const range = wantsCheaper ? cheaperHops(agent, route) : null
  return (range ?? usualHops(agent, route)).first
}

/** The first hop of the chain that a hop is of: the step's present one, where no other is given. */
export function startOfChain(plan: WorkflowPlan, state: RunState, hop = state.turn.hop): number {
  return hopsAround(currentAgent(plan, state), hop).first
}

/** The hop after the step's present one; null after the last of its chain. A failed hop never changes the chain. */
export function nextHop(plan: WorkflowPlan, state: RunState): number | null {
  const { hop } = state.turn
  return hop + 1 < hopsAround(currentAgent(plan, state), hop).end ? hop + 1 : null
}
