import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from '../../src/workflows/state/command.ts'
import type { CallState, RunState } from '../../src/workflows/state/run-state.ts'
import { REDUCER, type Reducer } from './reducer.ts'
import { simulate } from './simulate.ts'

/** Schedules that a broken reducer gets to show itself in. */
const SCHEDULES = 3_000

/** Reducers that are each broken in one place, and the invariant that has to notice. */
const MUTATIONS: Record<string, { readonly noticed: RegExp; readonly reducer: Partial<Reducer> }> = {
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
  'takes an expiry for an approval': {
    noticed: /what is recorded is what was decided|time decides nothing/,
    reducer: {
      apply: afterEach('alarm', (state) => ({
        ...state,
        calls: state.calls.map((call) =>
          call.approval?.outcome?.status === 'expired'
            ? {
                ...call,
                approval: { ...call.approval, outcome: { ...call.approval.outcome, status: 'approved' } },
              }
            : call,
        ),
      })),
    },
  },
  'expires approvals ahead of time': {
    noticed: /does not expire ahead of time|approval is decided once|time decides nothing/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const late = occurrence.type === 'alarm' ? nowMs + 20_000_000 : nowMs
        return REDUCER.apply(plan, state, occurrence, late)
      },
    },
  },
  'accepts a decision about other arguments': {
    noticed: /about the arguments shown/,
    reducer: { checkDecision: ignoring('stale') },
  },
  'accepts a second decision': {
    noticed: /an approval is decided once/,
    reducer: { checkDecision: ignoring('already_decided') },
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
  'asks the model before every call has its result': {
    noticed: /before every call has its result/,
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
    noticed: /every answer is counted/,
    reducer: {
      apply: afterEach('model_answered', (state) => ({ ...state, usage: { ...state.usage, modelCalls: 0 } })),
    },
  },
  'does not tell the model of a rejection': {
    noticed: /told of every call that is not made/,
    reducer: {
      decide: (plan, state) => REDUCER.decide(plan, state).map(withoutToolResult),
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
}

for (const [name, { noticed, reducer }] of Object.entries(MUTATIONS)) {
  test(`the simulation notices a reducer that ${name}`, () => {
    assert.throws(() => {
      for (let seed = 1; seed <= SCHEDULES; seed += 1) simulate(seed, { ...REDUCER, ...reducer })
    }, noticed)
  })
}

function afterEach(type: string, change: (state: RunState) => RunState): Reducer['apply'] {
  return (plan, state, occurrence, nowMs) => {
    const next = REDUCER.apply(plan, state, occurrence, nowMs)
    return occurrence.type === type ? change(next) : next
  }
}

function eachCall(state: RunState, stage: CallState['stage'], change: Partial<CallState>): RunState {
  return {
    ...state,
    calls: state.calls.map((call) => (call.stage === stage ? { ...call, ...change } : call)),
  }
}

function ignoring(problem: string): Reducer['checkDecision'] {
  return (state, decision) => {
    const found = REDUCER.checkDecision(state, decision)
    return found === problem ? null : found
  }
}

function withoutToolResult(command: Command): Command {
  if (command.type !== 'record_decision') return command
  const { toolResult: _, ...input } = command.input
  return { ...command, input }
}
