import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { plannedTool, termsOf } from '../../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { newApproval } from '../approvals/approval-state.ts'
import type { Command } from '../command.ts'
import type { Occurrence } from '../occurrence.ts'
import type { RunState } from '../run-state.ts'
import { refuseCall } from './allow-call.ts'
import { advanceApprovals, applyDecision, onDecisionRecorded, onProgressRecorded } from './apply-decision.ts'
import { type CallState, finishCall, updateCall } from './call-state.ts'
import { onLookedUp } from './judge-call.ts'
import { tightenCalls } from './tighten-calls.ts'

type CallOccurrence = Extract<
  Occurrence,
  {
    type:
      | `tool_${string}`
      | 'call_looked_up'
      | 'look_up_failed'
      | `child_${string}`
      | `approval_${string}`
      | `${string}_recorded`
      | 'policy_tightened'
      | 'results_noted'
      | 'alarm'
  }
>

/** Applies an occurrence to the step's tool calls. Calls that it is not about stay as they are. */
export function applyToCalls(
  plan: WorkflowPlan,
  state: RunState,
  occurrence: CallOccurrence,
  nowMs: number,
): RunState {
  switch (occurrence.type) {
    case 'results_noted':
      return occurrence.indexes.reduce((changed, index) => updateCall(changed, index, finishCall), state)
    case 'call_looked_up':
      return updateCall(state, occurrence.index, (call) =>
        onLookedUp(plan, state, call, occurrence.found, nowMs),
      )
    case 'look_up_failed':
      return updateCall(state, occurrence.index, (call) => refuseCall(call, 'tool_look_up_failed', null))
    case 'tool_finished':
      return onToolFinished(plan, state, occurrence, nowMs)
    case 'tool_failed':
      return onToolFailed(plan, state, occurrence, nowMs)
    case 'tool_stopped':
      return updateCall(state, occurrence.index, finishCall)
    case 'child_finished':
      return updateCall(countFinishedCall(state), occurrence.index, finishCall)
    case 'child_withheld':
      return updateCall(uncountChild(state, occurrence.index), occurrence.index, (call) => {
        if (call.stage !== 'running') return finishCall(call)
        const notBegun = { ...call, toolCallShare: 0 }
        return occurrence.never
          ? refuseCall(notBegun, 'tool_budget_reached', null)
          : { ...notBegun, stage: 'ready' }
      })
    case 'child_waits':
      return updateCall(state, occurrence.index, (call) =>
        call.stage === 'running' ? { ...call, childWaits: occurrence.waits } : call,
      )
    case 'approval_recorded':
      return updateCall(state, occurrence.index, (call) => ({
        ...call,
        stage: call.approval?.outcome ? 'decided' : 'waiting',
      }))
    case 'approval_decided':
      return applyDecision(plan, state, occurrence, nowMs)
    case 'decision_recorded':
      return updateCall(state, occurrence.index, (call) =>
        onDecisionRecorded(plan, state, call, occurrence.refused === true),
      )
    case 'progress_recorded':
      return updateCall(state, occurrence.index, onProgressRecorded)
    case 'policy_tightened':
      return tightenCalls(plan, state, occurrence.rule, nowMs)
    case 'alarm':
      return advanceApprovals(plan, state, nowMs)
  }
}

/** The shell carries out a command about one call. */
export function markCallIssued(state: RunState, command: Command): RunState {
  switch (command.type) {
    case 'look_up_call':
      return updateCall(state, command.input.index, (call) => ({ ...call, stage: 'looking_up' }))
    case 'run_tool':
      return updateCall(countBegunCalls(state, 1), command.input.index, (call) => ({
        ...call,
        stage: 'running',
      }))
    case 'run_child': {
      const { toolCallShare } = command.input
      return updateCall(countBegunCalls(state, 1 + toolCallShare), command.index, (call) => ({
        ...call,
        stage: 'running',
        childWaits: false,
        toolCallShare,
      }))
    }
    case 'stop_tool':
      return updateCall(state, command.index, (call) => ({ ...call, stage: 'stopping' }))
    case 'request_approval':
      return updateCall(state, command.index, (call) => ({ ...call, stage: 'asking' }))
    case 'record_progress':
      return updateCall(state, command.index, (call) => ({
        ...call,
        approval: call.approval && { ...call.approval, unrecorded: [], recordingProgress: true },
      }))
    case 'record_decision':
      return updateCall(state, command.index, (call) => ({ ...call, stage: 'recording' }))
    case 'note_results':
      return {
        ...state,
        calls: state.calls.map((call) => (call.stage === 'refused' ? { ...call, stage: 'noting' } : call)),
      }
    default:
      return state
  }
}

function countBegunCalls(state: RunState, more: number): RunState {
  return { ...state, budget: { ...state.budget, toolCalls: state.budget.toolCalls + more } }
}

/** Takes back the count of a sub-agent that was not begun. */
function uncountChild(state: RunState, index: number): RunState {
  const call = state.calls.find((one) => one.index === index)
  return call === undefined ? state : countBegunCalls(state, -(1 + call.toolCallShare))
}

function onToolFinished(
  plan: WorkflowPlan,
  state: RunState,
  { index, outcome }: Extract<Occurrence, { type: 'tool_finished' }>,
  nowMs: number,
): RunState {
  const counted = countFinishedCall(state)
  if (outcome.status !== 'outcome_unknown') return updateCall(counted, index, finishCall)
  return updateCall(counted, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

function onToolFailed(
  plan: WorkflowPlan,
  state: RunState,
  { index, code }: Extract<Occurrence, { type: 'tool_failed' }>,
  nowMs: number,
): RunState {
  if (plan.format >= 3 && code !== undefined && NEVER_MADE.has(code)) {
    return updateCall(state, index, (call) => refuseCall(call, code, null))
  }
  const isRead = state.calls.some(
    (call) => call.index === index && plannedTool(plan, call.tool).effect === 'read',
  )
  return isRead
    ? updateCall(countFinishedCall(state), index, (call) => refuseCall(call, 'tool_failed', null))
    : updateCall(state, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

/** Failures of an activity before it makes the call: no outcome is unknown, so no person has to look it up. */
const NEVER_MADE: ReadonlySet<ErrorCode> = new Set(['tool_arguments_mismatch'])

/** Counts a call that has ended, well or badly, as the store does. */
function countFinishedCall(state: RunState): RunState {
  return { ...state, usage: { ...state.usage, toolCalls: state.usage.toolCalls + 1 } }
}

/** Asks a person to look up how the call ended, and whether to repeat it: its outcome is unknown, and it may have changed something. */
function askAboutOutcome(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const approval = newApproval(termsOf(plan, call.terms), state, call, 'outcome_unknown', nowMs)
  return { ...call, stage: 'unasked', rule: 'outcome-unknown', approval }
}
