import type {
  ApprovalCause,
  ApprovalDecision,
  ApprovalId,
  ApprovalOutcome,
} from '../../contracts/approval.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { findCall } from './check-decision.ts'
import type { Command } from './command.ts'
import type { Occurrence } from './occurrence.ts'
import { plannedTool } from './planned-tool.ts'
import type { ApprovalState, CallState, RunState } from './run-state.ts'

type CallOccurrence = Extract<
  Occurrence,
  { type: `tool_${string}` | `approval_${string}` | 'decision_recorded' | 'results_noted' | 'alarm' }
>

/** What an occurrence makes of the step's tool calls. Those it is not about stay as they are. */
export function applyToCalls(
  plan: RunPlan,
  state: RunState,
  occurrence: CallOccurrence,
  nowMs: number,
): RunState {
  switch (occurrence.type) {
    case 'results_noted':
      return occurrence.indexes.reduce((changed, index) => update(changed, index, done), state)
    case 'tool_finished':
      return toolFinished(plan, state, occurrence, nowMs)
    case 'tool_failed':
      return update(state, occurrence.index, (call) => toolFailed(plan, state, call, nowMs))
    case 'tool_stopped':
      return update(state, occurrence.index, done)
    case 'approval_recorded':
      return update(state, occurrence.index, (call) => ({
        ...call,
        stage: call.approval?.outcome ? 'decided' : 'waiting',
      }))
    case 'approval_decided':
      return decided(state, occurrence.decision, nowMs)
    case 'decision_recorded':
      return update(state, occurrence.index, decisionRecorded)
    case 'alarm':
      return { ...state, calls: state.calls.map((call) => expired(call, nowMs)) }
  }
}

/** A command about one call is under way. */
export function issuedCall(state: RunState, command: Command): RunState {
  switch (command.type) {
    case 'run_tool':
      return update(state, command.input.index, (call) => ({ ...call, stage: 'running' }))
    case 'stop_tool':
      return update(state, command.index, (call) => ({ ...call, stage: 'stopping' }))
    case 'request_approval':
      return update(state, command.index, (call) => ({ ...call, stage: 'asking' }))
    case 'record_decision':
      return update(state, command.index, (call) => ({ ...call, stage: 'recording' }))
    case 'note_results':
      return {
        ...state,
        calls: state.calls.map((call) => (call.stage === 'refused' ? { ...call, stage: 'noting' } : call)),
      }
    default:
      return state
  }
}

function toolFinished(
  plan: RunPlan,
  state: RunState,
  { index, outcome }: Extract<Occurrence, { type: 'tool_finished' }>,
  nowMs: number,
): RunState {
  const counted = { ...state, usage: { ...state.usage, toolCalls: state.usage.toolCalls + 1 } }
  if (outcome.status !== 'outcome_unknown') return update(counted, index, done)
  return update(counted, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

function toolFailed(plan: RunPlan, state: RunState, call: CallState, nowMs: number): CallState {
  if (plannedTool(plan, call.tool).effect === 'read') {
    return { ...call, stage: 'refused', rule: null, refusal: 'tool_failed' }
  }
  return askAboutOutcome(plan, state, call, nowMs)
}

/** Nobody saw how the call ended and it changes something: a person looks, and says whether to call again. */
function askAboutOutcome(plan: RunPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const approval = newApproval(plan, state, call, 'outcome_unknown', nowMs)
  return { ...call, stage: 'unasked', rule: 'outcome-unknown', approval }
}

/** An approval of this call, to be put to a person. Its id names run, step, call and try, so that asking twice asks once. */
export function newApproval(
  plan: RunPlan,
  state: Pick<RunState, 'runId' | 'step'>,
  call: Pick<CallState, 'index' | 'again'>,
  cause: ApprovalCause,
  nowMs: number,
): ApprovalState {
  const again = cause === 'outcome_unknown' ? call.again + 1 : 0
  const id: ApprovalId = `apr_${state.runId.slice('run_'.length)}_${state.step}_${call.index}_${again}`
  return { id, cause, expiresAtMs: nowMs + plan.limits.approvalTimeoutMs, outcome: null }
}

function decided(state: RunState, decision: ApprovalDecision, nowMs: number): RunState {
  const call = findCall(state, decision.approvalId)
  if (call === undefined || call.approval === null || call.approval.outcome !== null) return state
  const { by, message, comment } = decision
  return update(state, call.index, (current) =>
    withOutcome(current, {
      status: decision.decision === 'approve' ? 'approved' : 'rejected',
      by,
      at: new Date(nowMs).toISOString(),
      ...(message !== undefined && { message }),
      ...(comment !== undefined && { comment }),
    }),
  )
}

function expired(call: CallState, nowMs: number): CallState {
  if (call.stage !== 'waiting' || call.approval === null || call.approval.expiresAtMs > nowMs) return call
  return withOutcome(call, { status: 'expired', by: 'time', at: new Date(nowMs).toISOString() })
}

/** While the asking itself is still being recorded the outcome waits its turn. */
function withOutcome(call: CallState, outcome: ApprovalOutcome): CallState {
  if (call.approval === null) return call
  return {
    ...call,
    stage: call.stage === 'waiting' ? 'decided' : call.stage,
    approval: { ...call.approval, outcome },
  }
}

function decisionRecorded(call: CallState): CallState {
  if (call.approval?.outcome?.status !== 'approved') return done(call)
  const again = call.approval.cause === 'outcome_unknown' ? call.again + 1 : call.again
  return { ...call, stage: 'ready', again }
}

function done(call: CallState): CallState {
  return { ...call, stage: 'done' }
}

function update(state: RunState, index: number, change: (call: CallState) => CallState): RunState {
  return { ...state, calls: state.calls.map((call) => (call.index === index ? change(call) : call)) }
}
