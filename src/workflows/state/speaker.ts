import type { WorkflowAgent, WorkflowPlan } from '../../contracts/workflow-plan.ts'
import type { RunState } from './run-state.ts'

/** The agent that has the run now: the one that it started with, or the specialist that it was handed to. */
export function speakerOf<A extends WorkflowAgent>(
  plan: A & { readonly specialists?: { readonly [name: string]: A } },
  { speaker }: Pick<RunState, 'speaker'>,
): A {
  return (speaker === null ? plan : plan.specialists?.[speaker]) ?? plan
}

/** The hop that a step begins with. */
export function firstHop(plan: WorkflowPlan, state: RunState): number {
  const { chain, cheaperChain = [] } = speakerOf(plan, state)
  const wantsCheaper = state.budget.mode !== 'usual' && plan.budget?.onReached === 'degrade'
  return wantsCheaper && cheaperChain.length > 0 ? chain.length : 0
}

/** The first hop of the chain that the step is in. */
export function startOfChain(plan: WorkflowPlan, state: RunState): number {
  const { chain } = speakerOf(plan, state)
  return state.turn.hop >= chain.length ? chain.length : 0
}

/** The one after it; null after the last. Only a run whose budget wants it cheaper goes on to the cheaper chain. */
export function nextHop(plan: WorkflowPlan, state: RunState): number | null {
  const { chain, cheaperChain = [] } = speakerOf(plan, state)
  const { hop } = state.turn
  const end = hop >= chain.length ? chain.length + cheaperChain.length : chain.length
  return hop + 1 < end ? hop + 1 : null
}
