import { ESCALATION_CAUSES } from '../../../../src/contracts/models/routing.ts'
import type { WorkflowAgent, WorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import { REDUCER } from '../reducer.ts'
import { afterEach, testMutations } from './mutate.ts'

testMutations({
  'asks a model before the rules are judged': {
    noticed: /rules about models are judged before the first call/,
    reducer: { decide: (plan, state) => REDUCER.decide(withoutRoutes(plan), state) },
  },
  'judges the rules in every step': {
    noticed: /the rules of an agent are judged once in a run/,
    reducer: { apply: afterEach('model_answered', (state) => ({ ...state, routes: {} })) },
  },
  'forgets the rules of the agent that it was handed on by': {
    noticed: /the rules of an agent are judged once in a run/,
    reducer: {
      apply: afterEach('route_chosen', (state, plan) => {
        const name = state.speaker ?? plan.agent.name
        const chosen = state.routes[name]
        return { ...state, routes: chosen === undefined ? {} : { [name]: chosen } }
      }),
    },
  },
  "asks the agent's own models where a rule has chosen others": {
    noticed: /a hop is a model of the chain that was chosen/,
    reducer: {
      apply: afterEach('route_chosen', (state) => ({ ...state, turn: { ...state.turn, hop: 0 } })),
    },
  },
  "goes on to another route's models": {
    noticed: /a run that does not wait for models ends/,
    reducer: {
      apply: afterEach('model_failed', (state, plan, before) =>
        state.ending?.reason === 'models_unavailable' && plan.routes !== undefined
          ? { ...state, ending: null, turn: { ...state.turn, hop: before.turn.hop + 1 } }
          : state,
      ),
    },
  },
  'asks stronger models for whatever was wrong': {
    noticed: /stronger models are asked for what their agent says/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(
          eachAgent(plan, (agent) =>
            agent.escalation === undefined
              ? agent
              : { ...agent, escalation: { ...agent.escalation, on: ESCALATION_CAUSES } },
          ),
          state,
          occurrence,
          nowMs,
        ),
    },
  },
  'asks stronger models again and again': {
    noticed: /an agent comes to its stronger models once in a run/,
    reducer: {
      apply: afterEach('model_answered', (state, plan) => {
        const name = state.speaker ?? plan.agent.name
        const { route = null, rule = null } = state.routes[name] ?? {}
        return rule !== 'escalation' || state.ending !== null
          ? state
          : { ...state, routes: { ...state.routes, [name]: { route, rule, cause: 'wrong_calls' as const } } }
      }),
    },
  },
  'forgets its stronger models where they could not be recorded': {
    noticed: /a hop is a model of the chain that was chosen/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'route_chosen' || occurrence.choice.route !== null) return next
        return { ...next, turn: { ...next.turn, hop: 0 } }
      },
    },
  },
  'counts no call of a classifier': {
    noticed: /counted, to the token/,
    reducer: { apply: afterEach('route_chosen', (state, _plan, { usage }) => ({ ...state, usage })) },
  },
  'judges rules once the end is decided': {
    noticed: /no rule is judged once the end is decided/,
    reducer: {
      decide: (plan, state) => {
        const wanted = REDUCER.decide(plan, state)
        if (state.ending === null || state.phase !== 'thinking' || state.bookkeeping !== 'none') return wanted
        const more = REDUCER.decide(plan, { ...state, ending: null }).filter(
          ({ type }) => type === 'choose_route',
        )
        return more.length > 0 ? more : wanted
      },
    },
  },
})

function withoutRoutes(plan: WorkflowPlan): WorkflowPlan {
  return eachAgent(plan, ({ routes: _, ...agent }) => agent)
}

function eachAgent(plan: WorkflowPlan, change: (agent: WorkflowAgent) => WorkflowAgent): WorkflowPlan {
  const { specialists = {}, subAgents, format, budget, approvalTerms, limits } = plan
  return {
    ...change(plan),
    format,
    approvalTerms,
    limits,
    ...(budget !== undefined && { budget }),
    ...(subAgents !== undefined && { subAgents }),
    specialists: Object.fromEntries(
      Object.entries(specialists).map(([name, agent]) => [name, change(agent)]),
    ),
  }
}
