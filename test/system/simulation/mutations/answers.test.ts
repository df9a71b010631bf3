import { REDUCER } from '../reducer.ts'
import { afterEach, testMutations } from './mutate.ts'

testMutations({
  'repairs an answer without end': {
    noticed: /an answer is repaired no more often than its plan says/,
    reducer: {
      apply: afterEach('model_answered', (state) => ({
        ...state,
        answers: { ...state.answers, repairHop: null, repairs: 0 },
      })),
    },
  },
  'goes on with an answer without end': {
    noticed: /an answer is gone on with no more often than its plan says/,
    reducer: {
      apply: afterEach('model_answered', (state) => ({
        ...state,
        answers: { ...state.answers, cutOff: 0 },
      })),
    },
  },
  'gives up an answer that does not fit': {
    noticed: /a run gives an answer up when its turns are used/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const limits = { ...plan.limits, answerRepairs: 0 }
        return REDUCER.apply({ ...plan, limits }, state, occurrence, nowMs)
      },
    },
  },
  'completes with an answer that does not fit': {
    noticed: /a run completes only with an answer that can be used/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'model_answered') return REDUCER.apply(plan, state, occurrence, nowMs)
        const { fault: _, ...decision } = occurrence.decision
        return REDUCER.apply(plan, state, { ...occurrence, decision }, nowMs)
      },
    },
  },
  'forgets the place of its message about an answer': {
    noticed: /the transcript has no gap/,
    reducer: {
      apply: afterEach('model_answered', (state) =>
        state.answers.again === null ? state : { ...state, nextSeq: state.nextSeq - 1 },
      ),
    },
  },
  'shows messages in the middle of an answer': {
    noticed: /nothing is said between the parts of an answer/,
    reducer: {
      apply: afterEach('model_answered', (state) =>
        state.answers.again?.problem === 'cut_off'
          ? { ...state, turn: { ...state.turn, inbox: state.inbox }, inbox: [] }
          : state,
      ),
    },
  },
  'forgets how often it has asked again when it hands over': {
    noticed: /no more often than its plan says/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        const handsOver = occurrence.type === 'issued' && occurrence.command.type === 'continue_as_new'
        const answers = { ...next.answers, cutOff: 0, repairHop: null, repairs: 0 }
        return handsOver ? { ...next, answers } : next
      },
    },
  },
})
