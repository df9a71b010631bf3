import type { ChosenRoute } from '../../../contracts/routing.ts'
import { addModelCall } from '../../../contracts/usage.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { hopBudget } from '../budgets/usable-limits.ts'
import type { Command } from '../command.ts'
import { currentAgent } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'
import { firstHop } from './chain.ts'

/** Whether the agent that has the run has rules about its models that have not been judged in this run. */
export function isRouteDue(plan: WorkflowPlan, state: RunState): boolean {
  const { agent, routes = [] } = currentAgent(plan, state)
  // A run that is short of money asks no classifier. Its last calls go by what is known.
  return routes.length > 0 && state.budget.mode === 'usual' && !Object.hasOwn(state.routes, agent.name)
}

export function chooseRoute(plan: WorkflowPlan, state: RunState): Command {
  const { inbox } = state.turn
  const budget = hopBudget(plan, state)
  return {
    type: 'choose_route',
    input: {
      step: state.step,
      seq: state.nextSeq + inbox.length,
      agent: currentAgent(plan, state).agent.name,
      ...(inbox.length > 0 && { inbox }),
      ...(budget !== undefined && { budget }),
    },
  }
}

/** The rules have been judged: the step begins with the first model of the chosen chain. */
export function onRouteChosen(
  plan: WorkflowPlan,
  state: RunState,
  { route, rule, classifier }: ChosenRoute,
): RunState {
  const { usage, costMicroUsd = null } = classifier ?? {}
  const after: RunState = {
    ...state,
    routes: { ...state.routes, [currentAgent(plan, state).agent.name]: { route, rule } },
    usage: usage === undefined ? state.usage : addModelCall(state.usage, usage, costMicroUsd),
  }
  return { ...after, turn: { ...after.turn, stage: 'idle', hop: firstHop(plan, after) } }
}
