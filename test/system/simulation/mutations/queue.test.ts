import type { AdmissionQueue } from '../../../../src/workflows/state/admission-queue.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { REDUCER, type Reducer } from '../reducer.ts'
import { afterEach, afterIssued, eachCommand, type Mutations, testMutations } from './mutate.ts'

const MUTATIONS: Mutations = {
  'looks first at what came last': {
    noticed: /what came first is looked at first|what waits is what has come/,
    reducer: {
      apply: afterEach('submitted', (state) =>
        state.queue.admitting ? state : withQueue(state, { waiting: state.queue.waiting.toReversed() }),
      ),
    },
  },
  'lets a message or a rule pass those that wait': {
    noticed: /what waits is what has come and was not taken/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'submitted' || 'key' in occurrence.submission)
          return REDUCER.apply(plan, state, occurrence, nowMs)
        const alone = withQueue(state, { waiting: [], admitting: false })
        const next = REDUCER.apply(plan, alone, occurrence, nowMs)
        const { waiting, admitting } = state.queue
        return withQueue(next, { waiting: [...waiting, ...next.queue.waiting], admitting })
      },
    },
  },
  'admits two at a time': {
    noticed: /what came first is looked at first|what is admitted has come|the first valid decision wins/,
    reducer: {
      decide: (plan, state) => {
        const [head, second] = state.queue.waiting
        const isBegun = head !== undefined && state.queue.admitting
        const commands = REDUCER.decide(plan, state)
        if (!isBegun || second === undefined || !('key' in second) || state.ending !== null) return commands
        return [...commands, { type: 'admit', submission: second }]
      },
    },
  },
  'takes what nobody signed': {
    noticed:
      /the limits on record are those that people set|every refusal is on the record|the first valid decision wins/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(
          plan,
          state,
          occurrence.type === 'admission' && occurrence.problem === 'decision_unsigned'
            ? { ...occurrence, problem: null }
            : occurrence,
          nowMs,
        ),
    },
  },
  'refuses a decision that is valid': {
    noticed: /the first valid decision wins/,
    reducer: { checkDecision: () => 'already_decided' },
  },
  'puts a repeated decision on the record': {
    noticed: /what waits is what has come and was not taken/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(plan, withQueue(state, { answers: [] }), occurrence, nowMs),
    },
  },
  'forgets what waits when it hands over': {
    noticed: /what waits is what has come and was not taken/,
    reducer: {
      apply: afterIssued('continue_as_new', (state) =>
        withQueue(state, { waiting: [], waitingCharacters: 0 }),
      ),
    },
  },
  'keeps everything that comes': {
    noticed: /no more waits than there is room for/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'submitted' || next.queue.dropped === state.queue.dropped) return next
        if (state.queue.waiting.length < 200) return next
        const waiting = [...state.queue.waiting, occurrence.submission]
        return withQueue(next, { waiting, dropped: state.queue.dropped })
      },
    },
  },
  'looks at nothing while it waits for models': {
    noticed: /what came is looked at, whatever the run waits for/,
    reducer: { decide: admittingUnless(({ models }) => models.wait !== null) },
  },
  'looks at nothing while it waits for its budget': {
    noticed: /what came is looked at, whatever the run waits for/,
    reducer: { decide: admittingUnless(({ budget }) => budget.pause !== null) },
  },
  'forgets a stricter rule over its end': {
    noticed: /a rule is in force from when its turn has come/,
    reducer: {
      apply: afterEach('submitted', (state, _plan, before) =>
        before.ending === null ? state : { ...state, tightened: before.tightened },
      ),
    },
  },
  'counts what it drops while it is being closed': {
    noticed: /nothing is counted that the record does not say|the record says how much was dropped/,
    reducer: {
      apply: afterEach('dropped', (state, _plan, before) =>
        withQueue(state, { dropped: before.queue.dropped + 1 }),
      ),
    },
  },
  'remembers what it refused over its end when it is resumed': {
    noticed: /what waits is what has come and was not taken|every refusal is on the record/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) =>
        withQueue(REDUCER.resumeRun(plan, ended, how, nowMs), { answers: ended.queue.answers }),
    },
  },
  'forgets what it took in when it is resumed': {
    noticed: /what waits is what has come and was not taken/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) =>
        withQueue(REDUCER.resumeRun(plan, ended, how, nowMs), { answers: [] }),
    },
  },
  'does not tell what it refused': {
    noticed: /every refusal is on the record/,
    reducer: { apply: afterEach('admission', (state) => withQueue(state, { refusals: [] })) },
  },
  'does not tell what it dropped': {
    noticed: /the record says how much was dropped/,
    reducer: {
      decide: eachCommand('record_refusals', ({ type, input }) => ({
        type,
        input: { ...input, dropped: 0 },
      })),
    },
  },
}

testMutations(MUTATIONS, true)

function admittingUnless(waits: (state: RunState) => boolean): Reducer['decide'] {
  return (plan, state) => REDUCER.decide(plan, state).filter(({ type }) => type !== 'admit' || !waits(state))
}

function withQueue(state: RunState, change: Partial<AdmissionQueue>): RunState {
  return { ...state, queue: { ...state.queue, ...change } }
}
