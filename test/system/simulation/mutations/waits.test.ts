import { REDUCER } from '../reducer.ts'
import { afterEach, afterIssued, testMutations, withBudget } from './mutate.ts'

testMutations({
  'does not hear of a kill switch': {
    noticed: /nothing begins while a kill switch is on/,
    reducer: { apply: afterEach('kill_switch', (state) => withBudget(state, { switchedOff: [] })) },
  },
  'looks whether there is more while a kill switch is on': {
    noticed: /nothing begins while (a kill switch is on|the run waits for its budget)/,
    reducer: {
      apply: afterEach('look_again', (state) => {
        const { pause } = state.budget
        return pause === null ? state : withBudget(state, { pause: { ...pause, probing: true } })
      }),
    },
  },
  'forgets a kill switch when it hands over': {
    noticed: /nothing begins while a kill switch is on/,
    reducer: {
      apply: afterIssued('continue_as_new', (state) =>
        state.budget.switchedOff.length > 0 ? withBudget(state, { switchedOff: [], pause: null }) : state,
      ),
    },
  },
  'begins while it waits for its budget': {
    noticed: /nothing begins while the run waits for its budget/,
    reducer: { decide: (plan, state) => REDUCER.decide(plan, withBudget(state, { pause: null })) },
  },
  'ends its wait by itself': {
    noticed: /nothing begins while the run waits for its budget|its own time is looked at/,
    reducer: {
      apply: afterEach('alarm', (state) =>
        state.budget.pause?.reached.scope === 'run' ? withBudget(state, { pause: null }) : state,
      ),
    },
  },
  'looks again before it is time': {
    // Its alarms are early for approvals, too.
    noticed:
      /nothing begins while the run waits for its budget|does not expire before its own time is up|only approvers decide/,
    reducer: {
      nextAlarm: (plan, state) => earlier(REDUCER.nextAlarm(plan, state), 200),
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(plan, state, occurrence, occurrence.type === 'alarm' ? nowMs + 200 : nowMs),
    },
  },
  'waits on after a top-up': {
    noticed: /a run that nothing keeps goes on|a call that nothing keeps is made/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const { pause } = state.budget
        if (occurrence.type !== 'budget_changed' || pause === null) {
          return REDUCER.apply(plan, state, occurrence, nowMs)
        }
        // As if it waited for a budget that is not its own.
        const shared = { ...pause, reached: { ...pause.reached, scope: 'tenant' as const } }
        const next = REDUCER.apply(plan, withBudget(state, { pause: shared }), occurrence, nowMs)
        return withBudget(next, { pause })
      },
    },
  },
  'does not look again when it is told to': {
    noticed: /a run that nothing keeps goes on/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        occurrence.type === 'look_again' ? state : REDUCER.apply(plan, state, occurrence, nowMs),
    },
  },
  'waits on when the kill switch is taken back': {
    noticed: /a run that nothing keeps goes on/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        occurrence.type === 'kill_switch' && !occurrence.on
          ? withBudget(state, {
              switchedOff: state.budget.switchedOff.filter((one) => one !== occurrence.scope),
            })
          : REDUCER.apply(plan, state, occurrence, nowMs),
    },
  },
  'ends its wait ahead of time': {
    noticed: /a wait for a budget does not end ahead of time/,
    reducer: {
      apply: afterEach('model_withheld', (state) => {
        const { pause } = state.budget
        return pause === null
          ? state
          : withBudget(state, { pause: { ...pause, expiresAtMs: pause.expiresAtMs - 45 } })
      }),
    },
  },
  'begins its wait anew whenever it has looked in vain': {
    noticed: /a wait for a budget comes to its end/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const probes = occurrence.type === 'model_withheld' && state.budget.pause !== null
        return REDUCER.apply(plan, probes ? withBudget(state, { pause: null }) : state, occurrence, nowMs)
      },
    },
  },
  'takes the time that it waits for its budget for its own': {
    noticed: /a run does not expire before its own time is up|active time is reached when it has passed/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        const stands =
          next.budget.pause !== null && next.clock.runningSinceMs === null && next.phase !== 'closed'
        return stands ? { ...next, clock: state.clock } : next
      },
    },
  },
  'takes another step after its wait': {
    noticed: /no step is left out or taken twice/,
    reducer: {
      apply: afterEach('budget_changed', (state, _plan, before) =>
        before.budget.pause !== null && state.budget.pause === null
          ? { ...state, step: state.step + 1 }
          : state,
      ),
    },
  },
  'forgets the place in the transcript over its wait': {
    noticed: /the transcript has no gap/,
    reducer: {
      apply: afterEach('model_withheld', (state) => ({ ...state, nextSeq: state.nextSeq + 1 })),
    },
  },
  'forgets messages over its wait': {
    noticed: /the transcript has no gap|only when it has shown every message/,
    reducer: {
      apply: afterEach('model_withheld', (state) => ({ ...state, turn: { ...state.turn, inbox: [] } })),
    },
  },
})

function earlier(atMs: number | null, ms: number): number | null {
  return atMs === null ? null : atMs - ms
}
