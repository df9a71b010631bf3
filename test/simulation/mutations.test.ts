import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { Command } from '../../src/workflows/state/command.ts'
import type { ApprovalState, CallState, RunState } from '../../src/workflows/state/run-state.ts'
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
    noticed: /neither time nor policy approves/,
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
    noticed: /does not expire ahead of time/,
    reducer: {
      apply: afterEach('model_answered', (state) =>
        eachApproval(state, (one) => ({ ...one, expiresAtMs: one.expiresAtMs - 15 })),
      ),
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
  'takes a vote of somebody who is no approver': {
    noticed: /only approvers decide/,
    reducer: { checkDecision: ignoring('not_an_approver') },
  },
  'lets the requester decide where that is excluded': {
    noticed: /does not decide where excluded/,
    reducer: { checkDecision: ignoring('requester_excluded') },
  },
  'counts a second vote of the same person': {
    noticed: /nobody votes twice/,
    reducer: { checkDecision: ignoring('already_voted') },
  },
  'takes a decision that is not on offer': {
    noticed: /one of those on offer/,
    reducer: { checkDecision: ignoring('decision_not_allowed') },
  },
  'is content with one vote of a quorum': {
    noticed: /decided by as many as its terms want/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(
          occurrence.type === 'approval_decided' ? withQuorum(plan, 1) : plan,
          state,
          occurrence,
          nowMs,
        ),
    },
  },
  'escalates ahead of time': {
    noticed: /only approvers decide/,
    reducer: {
      apply: afterEach('model_answered', (state) =>
        eachApproval(state, (one) => ({ ...one, requestedAtMs: one.requestedAtMs - 90 })),
      ),
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
  'takes a refused edit for decided': {
    noticed: /approval is decided|what is recorded|runs only when approved|the arguments run/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const recorded = occurrence.type === 'decision_recorded'
        const kept = recorded ? { type: occurrence.type, index: occurrence.index } : occurrence
        return REDUCER.apply(plan, state, kept, nowMs)
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
    noticed: /a denied call is never run|runs only when approved/,
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

function eachApproval(state: RunState, change: (approval: ApprovalState) => ApprovalState): RunState {
  return {
    ...state,
    calls: state.calls.map((call) => ({ ...call, approval: call.approval && change(call.approval) })),
  }
}

function withQuorum(plan: RunPlan, quorum: number): RunPlan {
  const { standard, other = standard } = plan.approvalTerms
  return { ...plan, approvalTerms: { standard: { ...standard, quorum }, other: { ...other, quorum } } }
}

function ignoring(problem: string): Reducer['checkDecision'] {
  return (plan, run, state, decision) => {
    const found = REDUCER.checkDecision(plan, run, state, decision)
    return found === problem ? null : found
  }
}

function withoutToolResult(command: Command): Command {
  if (command.type !== 'record_decision') return command
  const { toolResult: _, ...input } = command.input
  return { ...command, input }
}
