import type { OnReached } from '../../../../src/contracts/budgets/budget.ts'
import { REDUCER, type Reducer } from '../reducer.ts'
import { afterEach, eachCommand, testMutations, withBudget } from './mutate.ts'

testMutations({
  'waits where its budget says that it fails': {
    noticed: /a run whose budget says so fails|a run that nothing keeps goes on/,
    reducer: { apply: taking('fail', 'pause') },
  },
  'fails where its budget says that it waits': {
    noticed: /a run that may wait for more does not end/,
    reducer: { apply: taking('pause', 'fail') },
  },
  'waits for a shared budget that refuses': {
    noticed: /a run whose budget says so fails/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'model_withheld' || !occurrence.reached.refuse)
          return REDUCER.apply(plan, state, occurrence, nowMs)
        const { refuse: _, ...reached } = occurrence.reached
        return REDUCER.apply(plan, state, { ...occurrence, reached }, nowMs)
      },
    },
  },
  'finishes where its budget wants it cheaper': {
    noticed: /a last call that does not fit is none|a budget that wants it cheaper gets it|the cheaper chain/,
    reducer: {
      decide: (plan, state) =>
        REDUCER.decide(plan, state).map((command) =>
          command.type === 'call_model' && state.budget.mode === 'degraded'
            ? { ...command, input: { ...command.input, hop: 0 } }
            : command,
        ),
    },
  },
  'uses the cheaper chain without being short': {
    noticed: /the cheaper chain is only for a budget that wants it/,
    reducer: {
      decide: eachCommand('call_model', (command, plan) => {
        const [cheap] = plan.cheaperChain ?? []
        if (cheap === undefined || command.input.agent !== plan.agent.name) return command
        return { ...command, input: { ...command.input, hop: plan.chain.length } }
      }),
    },
  },
  'goes on as usual where its budget wants a last call': {
    noticed: /a budget that wants to finish has a last call|than its budget allows/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        const isFinishing = next.budget.mode === 'finishing' && next.turn.stage === 'idle'
        return isFinishing && next.ending === null ? withBudget(next, { mode: 'degraded' }) : next
      },
    },
  },
  'has a last call without being short': {
    noticed: /the last call comes when a limit is met/,
    reducer: {
      apply: afterEach('run_opened', (state) => withBudget(state, { mode: 'finishing' })),
    },
  },
  'goes on after its last call': {
    noticed: /the last call is the end|there is one last call/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(
          plan,
          occurrence.type === 'model_answered' ? withBudget(state, { mode: 'usual' }) : state,
          occurrence,
          nowMs,
        ),
    },
  },
  'makes calls that a person cleared when it had come to its last call': {
    noticed: /no tool begins once the last call is due|does not expire before its own time is up/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'decision_recorded' || next.budget.mode !== 'finishing') return next
        const calls = next.calls.map((call) =>
          call.refusal === 'tool_budget_reached' && call.stage === 'refused'
            ? { ...call, stage: 'ready' as const, refusal: null }
            : call,
        )
        return { ...next, calls }
      },
    },
  },
})

/** The reducer with one thing to do taken for another. */
function taking(one: OnReached, other: OnReached): Reducer['apply'] {
  return (plan, state, occurrence, nowMs) => {
    const { budget } = plan
    const changed = budget?.onReached === one ? { ...plan, budget: { ...budget, onReached: other } } : plan
    return REDUCER.apply(changed, state, occurrence, nowMs)
  }
}
