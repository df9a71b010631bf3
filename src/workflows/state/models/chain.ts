import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { currentAgent } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'

/** The number of the hop that a step begins with. */
export function firstHop(plan: WorkflowPlan, state: RunState): number {
  const { chain, cheaperChain = [] } = currentAgent(plan, state)
  const wantsCheaper = state.budget.mode !== 'usual' && plan.budget?.onReached === 'degrade'
  return wantsCheaper && cheaperChain.length > 0 ? chain.length : 0
}

/** The first hop of the chain that a hop is of: the step's present one, where no other is given. */
export function startOfChain(plan: WorkflowPlan, state: RunState, hop = state.turn.hop): number {
  const { chain } = currentAgent(plan, state)
  return hop >= chain.length ? chain.length : 0
}

/** The hop after the step's present one; null after the last of its chain. A step never changes from one chain to the other. */
export function nextHop(plan: WorkflowPlan, state: RunState): number | null {
  const { chain, cheaperChain = [] } = currentAgent(plan, state)
  const { hop } = state.turn
  const end = hop >= chain.length ? chain.length + cheaperChain.length : chain.length
  return hop + 1 < end ? hop + 1 : null
}
