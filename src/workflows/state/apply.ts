import type { RunPlan } from '../../contracts/plan.ts'
import { applyToCalls, issuedCall } from './apply-calls.ts'
import { answered, hopFailed } from './apply-model.ts'
import { adjustClock, deadlineAtMs } from './clock.ts'
import type { Command } from './command.ts'
import { another, end } from './endings.ts'
import type { Occurrence } from './occurrence.ts'
import { nextTurn, type RunState } from './run-state.ts'

/** The state after something has happened at `nowMs`. Pure: the same state and occurrence give the same state. */
export function apply(plan: RunPlan, state: RunState, occurrence: Occurrence, nowMs: number): RunState {
  return adjustClock(advance(plan, state, occurrence, nowMs), nowMs)
}

/** Message ids kept for telling a repeated signal. */
const SEEN_MESSAGES = 200

function advance(plan: RunPlan, state: RunState, occurrence: Occurrence, nowMs: number): RunState {
  switch (occurrence.type) {
    case 'issued':
      return issued(state, occurrence.command)
    case 'run_opened':
      return nextTurn({ ...state, bookkeeping: 'none' })
    case 'model_answered':
      return answered(plan, state, occurrence.decision, nowMs)
    case 'model_failed':
      return hopFailed(plan, state, occurrence.code)
    case 'model_stopped':
      return { ...state, turn: { ...state.turn, stage: 'idle' } }
    case 'message_added':
      return messageAdded(state, occurrence.id)
    case 'cancel_requested':
      return end(state, { status: 'cancelled', reason: 'cancel_requested' })
    case 'hand_over_suggested':
      return state.phase === 'closed' ? state : { ...state, handOver: true }
    case 'alarm':
      return alarm(plan, state, nowMs)
    case 'run_closed':
      return occurrence.unread.length > 0 ? reopened(plan, state, occurrence.unread) : closed(state)
    case 'results_noted':
    case 'tool_finished':
    case 'tool_failed':
    case 'tool_stopped':
    case 'approval_recorded':
    case 'approval_decided':
    case 'progress_recorded':
    case 'policy_tightened':
    case 'decision_recorded':
      return settle(plan, applyToCalls(plan, state, occurrence, nowMs))
  }
}

function issued(state: RunState, command: Command): RunState {
  switch (command.type) {
    case 'open_run':
      return { ...state, bookkeeping: 'opening' }
    case 'close_run':
      return { ...state, bookkeeping: 'closing' }
    case 'call_model':
      return { ...state, turn: { ...state.turn, stage: 'running' } }
    case 'stop_model':
      return { ...state, turn: { ...state.turn, stage: 'stopping' } }
    case 'continue_as_new':
      return { ...state, handOver: false }
    case 'run_tool':
    case 'stop_tool':
    case 'request_approval':
    case 'record_progress':
    case 'record_decision':
    case 'note_results':
      return issuedCall(state, command)
  }
}

function closed(state: RunState): RunState {
  return { ...state, phase: 'closed', bookkeeping: 'none', handOver: false }
}

/** The run was about to complete, and is spoken to: it answers that first. */
function reopened(plan: RunPlan, state: RunState, unread: readonly string[]): RunState {
  const seen = [...state.seen, ...unread].slice(-SEEN_MESSAGES)
  return another(plan, { ...state, bookkeeping: 'none', ending: null, inbox: unread, seen })
}

/** When every call of the step has its result, the model's turn comes again, if there is one left. */
function settle(plan: RunPlan, state: RunState): RunState {
  if (state.ending !== null || state.phase !== 'acting') return state
  if (state.calls.some(({ stage }) => stage !== 'done')) return state
  return another(plan, state)
}

function messageAdded(state: RunState, id: string): RunState {
  if (state.phase === 'closed' || state.ending !== null || state.seen.includes(id)) return state
  return { ...state, inbox: [...state.inbox, id], seen: [...state.seen, id].slice(-SEEN_MESSAGES) }
}

function alarm(plan: RunPlan, state: RunState, nowMs: number): RunState {
  const deadline = deadlineAtMs(plan, state)
  if (deadline !== null && deadline <= nowMs) return end(state, { status: 'expired', reason: 'deadline' })
  return applyToCalls(plan, state, { type: 'alarm' }, nowMs)
}
