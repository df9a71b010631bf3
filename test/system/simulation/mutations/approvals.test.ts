import type { WorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import type { ApprovalState } from '../../../../src/workflows/state/approvals/approval-state.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { REDUCER, type Reducer } from '../reducer.ts'
import { afterEach, testMutations } from './mutate.ts'

testMutations({
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
    reducer: {
      checkDecision: (plan, run, state, decision, found) => {
        const open = eachApproval(state, (one) => ({ ...one, approvers: [], principals: [] }))
        return REDUCER.checkDecision(plan, run, open, decision, found)
      },
    },
  },
  'lets the requester decide where that is excluded': {
    noticed: /does not decide where excluded/,
    reducer: {
      checkDecision: (plan, _run, state, decision, found) =>
        REDUCER.checkDecision(plan, { principal: 'nobody' }, state, decision, found),
    },
  },
  'counts a second vote of the same person': {
    noticed: /nobody votes twice/,
    reducer: {
      checkDecision: (plan, run, state, decision, found) =>
        REDUCER.checkDecision(
          plan,
          run,
          eachApproval(state, (one) => ({ ...one, votes: [] })),
          decision,
          found,
        ),
    },
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
  'takes a refused edit for decided': {
    noticed: /approval is decided|what is recorded|runs only when approved|the arguments run|of a handoff/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const recorded = occurrence.type === 'decision_recorded'
        const kept = recorded ? { type: occurrence.type, index: occurrence.index } : occurrence
        return REDUCER.apply(plan, state, kept, nowMs)
      },
    },
  },
  'does not tell the model of a rejection': {
    noticed: /told of every call that is not made/,
    reducer: {
      decide: (plan, state) => REDUCER.decide(plan, state).map(withoutToolResult),
    },
  },
})

function eachApproval(state: RunState, change: (approval: ApprovalState) => ApprovalState): RunState {
  return {
    ...state,
    calls: state.calls.map((call) => ({ ...call, approval: call.approval && change(call.approval) })),
  }
}

function withQuorum(plan: WorkflowPlan, quorum: number): WorkflowPlan {
  const { standard, other = standard } = plan.approvalTerms
  return { ...plan, approvalTerms: { standard: { ...standard, quorum }, other: { ...other, quorum } } }
}

function ignoring(problem: string): Reducer['checkDecision'] {
  return (plan, run, state, decision, found) => {
    const against = REDUCER.checkDecision(plan, run, state, decision, found)
    return against === problem ? null : against
  }
}

function withoutToolResult(command: Command): Command {
  if (command.type !== 'record_decision') return command
  const { toolResult: _, ...input } = command.input
  return { ...command, input }
}
