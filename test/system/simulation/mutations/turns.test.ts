import { REDUCER } from '../reducer.ts'
import { afterEach, eachCall, testMutations } from './mutate.ts'

testMutations({
  'asks the model before every call has its result': {
    // Where nothing else happens it does nothing at all, while its clock runs.
    noticed: /before every call has its result|does not expire before its own time is up/,
    reducer: { apply: afterEach('tool_failed', (state) => eachCall(state, 'refused', { stage: 'done' })) },
  },
  'forgets messages when a hop fails': {
    noticed: /only when it has shown every message|the transcript has no gap/,
    reducer: {
      apply: afterEach('model_failed', (state) => ({ ...state, turn: { ...state.turn, inbox: [] } })),
    },
  },
  'forgets messages when it hands over': {
    noticed: /only when it has shown every message/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        const handsOver = occurrence.type === 'issued' && occurrence.command.type === 'continue_as_new'
        return handsOver ? { ...next, inbox: [] } : next
      },
    },
  },
  'takes a repeated message for a new one': {
    noticed: /a message is shown once/,
    reducer: { apply: afterEach('message_added', (state) => ({ ...state, seen: [] })) },
  },
  'leaves a gap in the transcript': {
    noticed: /the transcript has no gap|a result stands at its place/,
    reducer: { apply: afterEach('model_answered', (state) => ({ ...state, nextSeq: state.nextSeq + 1 })) },
  },
  'lets the clock run while it waits for people': {
    noticed: /does not expire before its own time is up/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        return next.clock.runningSinceMs === null && next.phase !== 'closed'
          ? { ...next, clock: state.clock }
          : next
      },
    },
  },
  'takes a step too many': {
    noticed: /no more steps than its limit/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const limits = { ...plan.limits, maxSteps: plan.limits.maxSteps + 1 }
        return REDUCER.apply({ ...plan, limits }, state, occurrence, nowMs)
      },
    },
  },
  'changes its mind about the end': {
    noticed: /an end that is decided stands/,
    reducer: {
      apply: afterEach('cancel_requested', (state) => ({ ...state, ending: { status: 'cancelled' } })),
    },
  },
  'forgets to count an answer': {
    noticed: /every answer is counted, to the token/,
    reducer: {
      apply: afterEach('model_answered', (state) => ({ ...state, usage: { ...state.usage, modelCalls: 0 } })),
    },
  },
  'hands over with a tool in flight': {
    noticed: /Hands over while an activity is in flight/,
    reducer: {
      decide: (plan, state) =>
        state.handOver && state.ending === null ? [{ type: 'continue_as_new' }] : REDUCER.decide(plan, state),
    },
  },
  'never ends once it is cancelled': {
    noticed: /The run waits for nothing/,
    reducer: {
      decide: (plan, state) => (state.ending?.status === 'cancelled' ? [] : REDUCER.decide(plan, state)),
    },
  },
})
