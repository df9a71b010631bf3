import { type ChosenRoute, ESCALATION_RULE, type EscalationCause } from '../../../contracts/models/routing.ts'
import { addModelCall } from '../../../contracts/models/usage.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { hopBudget } from '../budgets/usable-limits.ts'
import type { Command } from '../command.ts'
import { currentAgent, currentRoute } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'
import { firstHop } from './chain.ts'

/** Whether the rules of the agent that has the run are to be judged, or its stronger models to be asked from now on. */
export function isRouteDue(plan: WorkflowPlan, state: RunState): boolean {
  const { agent, routes = [], escalation } = currentAgent(plan, state)
  // A run that is short of money asks no classifier and no stronger models. Its last calls go by what is known.
  if (state.budget.mode !== 'usual') return false
  const hasRules = routes.length > (escalation === undefined ? 0 : 1)
  const chosen = Object.hasOwn(state.routes, agent.name) ? state.routes[agent.name] : undefined
  return chosen === undefined ? hasRules : chosen.cause !== undefined
}

/**
 * The state in which the agent's next call goes to its stronger models, since an answer can't be used; null where the agent has none for
 * this cause, or has come to them before.
 */
export function escalate(plan: WorkflowPlan, state: RunState, cause: EscalationCause): RunState | null {
  const { agent, escalation } = currentAgent(plan, state)
  if (escalation === undefined || !escalation.on.includes(cause) || state.budget.mode !== 'usual') return null
  const route = currentRoute(plan, state)
  if (route === escalation.route) return null
  const rule = state.routes[agent.name]?.rule ?? null
  return { ...state, routes: { ...state.routes, [agent.name]: { route, rule, cause } } }
}

export function chooseRoute(plan: WorkflowPlan, state: RunState): Command {
  const { inbox } = state.turn
  const { agent } = currentAgent(plan, state)
  const budget = hopBudget(plan, state)
  const cause = state.routes[agent.name]?.cause
  return {
    type: 'choose_route',
    input: {
      step: state.step,
      seq: state.nextSeq + inbox.length,
      agent: agent.name,
      ...(inbox.length > 0 && { inbox }),
      ...(cause !== undefined && { cause }),
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
  const { agent, escalation } = currentAgent(plan, state)
  const isEscalated = state.routes[agent.name]?.cause !== undefined && escalation !== undefined
  // Where the choice could not be recorded, the stronger models are asked nevertheless.
  const chosen = isEscalated ? { route: escalation.route, rule: ESCALATION_RULE } : { route, rule }
  const after: RunState = {
    ...state,
    routes: { ...state.routes, [agent.name]: chosen },
    usage: usage === undefined ? state.usage : addModelCall(state.usage, usage, costMicroUsd),
  }
  return { ...after, turn: { ...after.turn, stage: 'idle', hop: firstHop(plan, after) } }
}
