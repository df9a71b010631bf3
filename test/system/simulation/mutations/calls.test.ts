import { mapValues } from '../../../../src/contracts/map-values.ts'
import type { WorkflowAgent, WorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import { REDUCER } from '../reducer.ts'
import { afterEach, eachCall, testMutations } from './mutate.ts'

testMutations({
  'looks at nothing that a tool demands': {
    noticed: /whoever may not have a tool called|a denied call is never run/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(withoutDemands(plan), state, occurrence, nowMs),
    },
  },
  'runs calls that the policy denies': {
    noticed: /a denied call is never run/,
    reducer: {
      apply: afterEach('model_answered', (state) => eachCall(state, 'refused', { stage: 'ready' })),
    },
  },
  'runs calls without asking': {
    noticed: /runs only when approved/,
    reducer: {
      apply: afterEach('model_answered', (state) => eachCall(state, 'unasked', { stage: 'ready' })),
    },
  },
  'runs a call that was rejected': {
    noticed: /runs only when approved|a call is made once/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'decision_recorded') return next
        return {
          ...state,
          calls: state.calls.map((call) =>
            call.index === occurrence.index ? { ...call, stage: 'ready' } : call,
          ),
        }
      },
    },
  },
  'makes an edited call with the arguments of before': {
    noticed: /the arguments run are the ones decided on/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'decision_recorded') return next
        const hashes = state.calls.map((call) => call.argumentsSha256)
        return {
          ...next,
          calls: next.calls.map((call) => ({ ...call, argumentsSha256: hashes[call.index] ?? '' })),
        }
      },
    },
  },
  'runs a call that a person has answered': {
    noticed: /runs only when approved|a call is made once/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'decision_recorded') return next
        const call = state.calls.find(({ index }) => index === occurrence.index)
        if (call?.approval?.outcome?.status !== 'responded') return next
        return {
          ...state,
          calls: state.calls.map((one) => (one === call ? { ...one, stage: 'ready' } : one)),
        }
      },
    },
  },
  'forgets a rule that came in later': {
    noticed:
      /a denied call is never run|runs only when approved|asked where the policy says so|a rule is in force|stricter rules/,
    reducer: { apply: afterEach('policy_tightened', (state) => ({ ...state, tightened: [] })) },
  },
  'runs a call again by itself when its outcome is unknown': {
    noticed: /again only when a person said so/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'tool_finished' || occurrence.outcome.status !== 'outcome_unknown')
          return next
        return eachCall(next, 'unasked', { stage: 'ready', approval: null })
      },
    },
  },
  'asks a person about a call that was never made': {
    noticed: /asked about an outcome that nobody has seen/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'tool_failed') return REDUCER.apply(plan, state, occurrence, nowMs)
        const { code: _, ...unexplained } = occurrence
        return REDUCER.apply(plan, state, unexplained, nowMs)
      },
    },
  },
  'begins tools once the end is decided': {
    noticed: /no tool is run once the end is decided/,
    reducer: {
      decide: (plan, state) => {
        const wanted = REDUCER.decide(plan, state)
        const carriesOn = state.ending !== null && state.phase === 'acting' && state.bookkeeping === 'none'
        if (!carriesOn) return wanted
        const runs = REDUCER.decide(plan, { ...state, ending: null }).filter(
          ({ type }) => type === 'run_tool',
        )
        return runs.length > 0 ? runs : wanted
      },
    },
  },
  'runs other arguments than the ones approved': {
    noticed: /the arguments run are the ones decided on/,
    reducer: {
      decide: (plan, state) =>
        REDUCER.decide(plan, state).map((command) =>
          command.type === 'run_tool'
            ? { ...command, input: { ...command.input, argumentsSha256: 'of-other-arguments' } }
            : command,
        ),
    },
  },
})

function withoutDemands(plan: WorkflowPlan): WorkflowPlan {
  const all = <A extends WorkflowAgent>(agent: A): A => ({
    ...agent,
    tools: agent.tools.map(({ requires: _, ...tool }) => tool),
  })
  return { ...all(plan), ...(plan.specialists && { specialists: mapValues(plan.specialists, all) }) }
}
