import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { plannedTool, termsOf } from '../../../contracts/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { newApproval } from '../approvals/approval-state.ts'
import type { Command } from '../command.ts'
import type { Occurrence } from '../occurrence.ts'
import type { RunState } from '../run-state.ts'
import { type CallState, done, updateCall } from './call-state.ts'
import { refuse } from './clear-call.ts'
import { aged, decided, decisionRecorded, progressRecorded } from './decided-call.ts'
import { lookedUp } from './judge-call.ts'
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

/** What an occurrence makes of the step's tool calls. Those it is not about stay as they are. */
export function applyToCalls(
  plan: WorkflowPlan,
  state: RunState,
  occurrence: CallOccurrence,
  nowMs: number,
): RunState {
  switch (occurrence.type) {
    case 'results_noted':
      return occurrence.indexes.reduce((changed, index) => updateCall(changed, index, done), state)
    case 'call_looked_up':
      return updateCall(state, occurrence.index, (call) =>
        lookedUp(plan, state, call, occurrence.found, nowMs),
      )
    case 'look_up_failed':
      return updateCall(state, occurrence.index, (call) => refuse(call, 'tool_look_up_failed', null))
    case 'tool_finished':
      return toolFinished(plan, state, occurrence, nowMs)
    case 'tool_failed':
      return toolFailed(plan, state, occurrence, nowMs)
    case 'tool_stopped':
      return updateCall(state, occurrence.index, done)
    case 'child_finished':
      return updateCall(carriedOut(state), occurrence.index, done)
    case 'child_withheld':
      return updateCall(childNotBegun(state, occurrence.index), occurrence.index, (call) => {
        if (call.stage !== 'running') return done(call)
        const unbegun = { ...call, toolCallShare: 0 }
        return occurrence.never
          ? refuse(unbegun, 'tool_budget_reached', null)
          : { ...unbegun, stage: 'ready' }
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
      return decided(plan, state, occurrence, nowMs)
    case 'decision_recorded':
      return updateCall(state, occurrence.index, (call) =>
        decisionRecorded(plan, state, call, occurrence.refused === true),
      )
    case 'progress_recorded':
      return updateCall(state, occurrence.index, progressRecorded)
    case 'policy_tightened':
      return tightenCalls(plan, state, occurrence.rule, nowMs)
    case 'alarm':
      return aged(plan, state, nowMs)
  }
}

/** A command about one call is under way. */
export function issuedCall(state: RunState, command: Command): RunState {
  switch (command.type) {
    case 'look_up_call':
      return updateCall(state, command.input.index, (call) => ({ ...call, stage: 'looking_up' }))
    case 'run_tool':
      return updateCall(countCalls(state, 1), command.input.index, (call) => ({ ...call, stage: 'running' }))
    case 'run_child': {
      const { toolCallShare } = command.input
      return updateCall(countCalls(state, 1 + toolCallShare), command.index, (call) => ({
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

function countCalls(state: RunState, more: number): RunState {
  return { ...state, budget: { ...state.budget, toolCalls: state.budget.toolCalls + more } }
}

/** A sub-agent that was not begun used nothing. */
function childNotBegun(state: RunState, index: number): RunState {
  const call = state.calls.find((one) => one.index === index)
  return call === undefined ? state : countCalls(state, -(1 + call.toolCallShare))
}

function toolFinished(
  plan: WorkflowPlan,
  state: RunState,
  { index, outcome }: Extract<Occurrence, { type: 'tool_finished' }>,
  nowMs: number,
): RunState {
  const counted = carriedOut(state)
  if (outcome.status !== 'outcome_unknown') return updateCall(counted, index, done)
  return updateCall(counted, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

function toolFailed(
  plan: WorkflowPlan,
  state: RunState,
  { index, code }: Extract<Occurrence, { type: 'tool_failed' }>,
  nowMs: number,
): RunState {
  if (plan.format >= 3 && code !== undefined && NEVER_MADE.has(code)) {
    return updateCall(state, index, (call) => refuse(call, code, null))
  }
  const isRead = state.calls.some(
    (call) => call.index === index && plannedTool(plan, call.tool).effect === 'read',
  )
  return isRead
    ? updateCall(carriedOut(state), index, (call) => refuse(call, 'tool_failed', null))
    : updateCall(state, index, (call) => askAboutOutcome(plan, state, call, nowMs))
}

/** Failures that an activity has before it makes a call: there is no outcome for a person to look up. */
const NEVER_MADE: ReadonlySet<ErrorCode> = new Set(['tool_arguments_mismatch'])

/** As the store counts them: calls that came to an end, good or bad. */
function carriedOut(state: RunState): RunState {
  return { ...state, usage: { ...state.usage, toolCalls: state.usage.toolCalls + 1 } }
}

/** Nobody saw how the call ended and it changes something: a person looks, and says whether to call again. */
function askAboutOutcome(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const approval = newApproval(termsOf(plan, call.terms), state, call, 'outcome_unknown', nowMs)
  return { ...call, stage: 'unasked', rule: 'outcome-unknown', approval }
}
