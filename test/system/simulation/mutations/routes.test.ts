import type { WorkflowAgent, WorkflowPlan } from '../../../../src/contracts/workflow-plan.ts'
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
  const without = <A extends WorkflowAgent>({ routes: _, ...agent }: A) => agent
  const { specialists = {} } = plan
  return {
    ...without(plan),
    specialists: Object.fromEntries(
      Object.entries(specialists).map(([name, agent]) => [name, without(agent)]),
    ),
  }
}
