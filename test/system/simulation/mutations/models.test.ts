import { REDUCER } from '../reducer.ts'
import { afterEach, afterIssued, eachCommand, testMutations } from './mutate.ts'

testMutations({
  'ends where it should wait for models': {
    noticed: /a run that waits for models does not end/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply({ ...plan, whenNoModel: 'answer' }, state, occurrence, nowMs),
    },
  },
  'waits for models where it should end': {
    noticed: /a run that does not wait for models ends/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply({ whenNoModel: { waitMs: 300_000 }, ...plan }, state, occurrence, nowMs),
    },
  },
  'calls a request that no model takes an outage': {
    noticed: /a run that does not wait for models ends/,
    reducer: {
      apply: afterEach('model_failed', (state) =>
        state.ending?.reason === 'request_refused'
          ? { ...state, ending: { ...state.ending, reason: 'models_unavailable' } }
          : state,
      ),
    },
  },
  'asks without pause while it waits for models': {
    noticed: /tries of the chain keep their distance/,
    reducer: {
      decide: (plan, state) => {
        const { wait } = state.models
        const models = { ...state.models, wait: wait && { ...wait, probing: true } }
        return REDUCER.decide(plan, { ...state, models })
      },
    },
  },
  'tries a hop more than once while it waits for models': {
    noticed: /tries each hop once/,
    reducer: {
      decide: eachCommand('call_model', ({ input: { probe: _, ...input }, ...command }) => ({
        ...command,
        input,
      })),
    },
  },
  'does not try when it is told that a model is back': {
    noticed: /a run that is told of a model tries it/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        occurrence.type === 'models_back' ? state : REDUCER.apply(plan, state, occurrence, nowMs),
    },
  },
  'spares a call that was never booked': {
    noticed: /spent, held and unknown never passes/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(
          plan,
          state,
          occurrence.type === 'model_failed' && occurrence.code === 'model_circuit_open'
            ? { ...occurrence, code: 'model_overloaded' }
            : occurrence,
          nowMs,
        ),
    },
  },
  'waits for models longer than its agent says': {
    noticed: /a wait for models comes to its end/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const { wait } = state.models
        if (occurrence.type !== 'alarm' || wait === null) {
          return REDUCER.apply(plan, state, occurrence, nowMs)
        }
        const models = { ...state.models, wait: { ...wait, untilMs: wait.untilMs + 1_000_000 } }
        return REDUCER.apply(plan, { ...state, models }, occurrence, nowMs)
      },
    },
  },
  'ends its wait for models ahead of time': {
    noticed: /a wait for models does not end ahead of time/,
    reducer: {
      apply: afterEach('model_failed', (state) => {
        const { wait } = state.models
        return wait === null
          ? state
          : { ...state, models: { ...state.models, wait: { ...wait, untilMs: wait.untilMs - 5_000 } } }
      }),
    },
  },
  'spares its limit of model calls more than has failed while it waited': {
    noticed: /what is spent, held and unknown never passes what people allow/,
    reducer: {
      apply: afterEach('model_failed', (state, _plan, before) =>
        state.models.spared === before.models.spared
          ? state
          : { ...state, models: { ...state.models, spared: state.models.spared + 3 } },
      ),
    },
  },
  'spares its limit of model calls what was never booked': {
    noticed: /what is spent, held and unknown never passes what people allow/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const after = REDUCER.apply(plan, state, occurrence, nowMs)
        const isHeldBack = occurrence.type === 'model_failed' && occurrence.code === 'model_limit_reached'
        return isHeldBack && state.models.wait !== null
          ? { ...after, models: { ...after.models, spared: after.models.spared + 3 } }
          : after
      },
    },
  },
  'does not hear that models answer again': {
    noticed:
      /tries each hop once|a run that waits for models says so on the record|every return of the models/,
    reducer: {
      apply: afterEach('model_answered', (state, _plan, before) => ({ ...state, models: before.models })),
    },
  },
  'does not tell that it waits for models': {
    noticed: /a run that waits for models says so on the record/,
    reducer: {
      apply: afterEach('model_failed', (state) => ({
        ...state,
        models: { ...state.models, unrecorded: [] },
      })),
    },
  },
  'forgets that it waits for models when it hands over': {
    noticed: /tries each hop once|a run that waits for models says so on the record/,
    reducer: {
      apply: afterIssued('continue_as_new', (state) => ({
        ...state,
        models: { ...state.models, wait: null },
      })),
    },
  },
  'lets its clock run while it waits for models': {
    noticed: /a run does not expire before its own time is up|active time is reached when it has passed/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        return next.models.wait !== null && next.ending === null && state.clock.runningSinceMs !== null
          ? { ...next, clock: state.clock }
          : next
      },
    },
  },

  'forgets what it has used when it is resumed': {
    noticed: /a resumed run keeps what it has used|every answer is counted/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        usage: { ...ended.usage, modelCalls: 0 },
      }),
    },
  },
  'forgets its stricter rules when it is resumed': {
    noticed: /a resumed run keeps its stricter rules/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        tightened: [],
      }),
    },
  },
  'forgets who has the run when it is resumed': {
    noticed: /the agent that has the run is asked/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        speaker: null,
      }),
    },
  },
  'forgets messages when it is resumed': {
    noticed: /begins with every message that it has not shown/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({ ...REDUCER.resumeRun(plan, ended, how, nowMs), inbox: [] }),
    },
  },
  'does not hear what came while it ended when it is resumed': {
    noticed: /begins with every message that it has not shown/,
    reducer: {
      resumeRun: (plan, ended, { unread: _, ...how }, nowMs) => REDUCER.resumeRun(plan, ended, how, nowMs),
    },
  },
  'takes a step again when it is resumed': {
    noticed: /no step is left out or taken twice/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        step: ended.step - 1,
      }),
    },
  },
  'forgets the place in the transcript when it is resumed': {
    noticed: /the transcript has no gap/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        nextSeq: ended.nextSeq + 1,
      }),
    },
  },
  'has no further steps when it is resumed': {
    noticed: /steps run out when they are taken/,
    reducer: {
      resumeRun: (plan, ended, how, nowMs) => ({
        ...REDUCER.resumeRun(plan, ended, how, nowMs),
        moreSteps: ended.moreSteps,
      }),
    },
  },
})
