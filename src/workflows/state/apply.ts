import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { drop, QUEUE_BOUNDS, submitted } from './admission-queue.ts'
import { admitted, takeReady } from './admit.ts'
import {
  agedPause,
  hopBegun,
  hopWithheld,
  killSwitchChanged,
  limitReached,
  limitsChanged,
  lookAgain,
  shareReturned,
  spentBooked,
  watchBudget,
} from './budgets/budget.ts'
import { childFinished } from './children.ts'
import { adjustClock, deadlineAtMs, passTime } from './clock.ts'
import type { Command } from './command.ts'
import { another, end } from './endings.ts'
import { answered, hopFailed } from './models/apply-model.ts'
import { agedModelWait, modelsReturned, spareAttempt } from './models/model-wait.ts'
import type { Occurrence } from './occurrence.ts'
import { hasEnded, nextTurn, type RunState, SEEN_MESSAGES } from './run-state.ts'
import { applyToCalls, issuedCall } from './tools/apply-calls.ts'

/** The state after something has happened at `nowMs`. Pure: the same state and occurrence give the same state. */
export function apply(plan: WorkflowPlan, state: RunState, occurrence: Occurrence, nowMs: number): RunState {
  const take = (current: RunState, taken: Occurrence) => advance(plan, current, taken, nowMs)
  const timed = passTime(plan, state, occurrence, nowMs)
  const watched = watchBudget(plan, takeReady(take(timed, occurrence), take), nowMs)
  // The budget may have ended the run: what still waits is refused then.
  return adjustClock(plan, takeReady(watched, take), nowMs)
}

function advance(plan: WorkflowPlan, state: RunState, occurrence: Occurrence, nowMs: number): RunState {
  switch (occurrence.type) {
    case 'issued':
      return issued(state, occurrence.command)
    case 'run_opened':
      return occurrence.cancelRequested
        ? cancelled({ ...state, bookkeeping: 'none' })
        : nextTurn(plan, { ...state, bookkeeping: 'none' })
    case 'model_answered': {
      const { decision } = occurrence
      const returned = modelsReturned(hopBegun(state))
      return answered(plan, spentBooked(plan, returned, decision.spent), decision, nowMs)
    }
    case 'model_failed':
      return hopFailed(plan, spareAttempt(hopBegun(state), occurrence.code), occurrence.code, nowMs)
    case 'model_withheld':
      return hopWithheld(plan, state, occurrence, nowMs)
    case 'model_stopped':
      return { ...state, turn: { ...state.turn, stage: 'idle' } }
    case 'message_added':
      return messageAdded(state, occurrence.id)
    case 'submitted':
      return submitted(plan, state, occurrence.submission, occurrence.problem, occurrence.awaited === true)
    case 'dropped':
      return drop(state)
    case 'admission':
      return admitted(state, occurrence, (current, taken) => advance(plan, current, taken, nowMs))
    case 'refusals_noted':
      return { ...state, queue: { ...state.queue, recording: false } }
    case 'cancel_requested':
      return cancelled(state)
    case 'hand_over_suggested':
      return handOverSuggested(state)
    case 'alarm':
      return alarm(plan, state, nowMs)
    case 'run_closed':
      return occurrence.unread.length > 0 ? reopened(plan, state, occurrence.unread) : closed(state)
    case 'budget_changed':
      return limitsChanged(plan, state, occurrence.change)
    case 'kill_switch':
      return killSwitchChanged(state, occurrence.scope, occurrence.on)
    case 'look_again':
      return lookAgain(state)
    case 'budget_noted':
      return { ...state, budget: { ...state.budget, recording: false } }
    case 'model_wait_noted':
      return { ...state, models: { ...state.models, recording: false } }
    case 'child_withheld': {
      const after = withoutToolPause(plan, applyToCalls(plan, state, occurrence, nowMs))
      if (occurrence.never) return settle(plan, shareReturned(after))
      return limitReached(plan, after, occurrence.reached, nowMs)
    }
    case 'child_finished': {
      const { index, closed: child } = occurrence
      const call = state.calls.find((one) => one.index === index)
      const counted = call === undefined ? state : childFinished(state, call, child)
      return settle(plan, applyToCalls(plan, spentBooked(plan, counted, child.spent), occurrence, nowMs))
    }
    case 'child_waits':
    case 'results_noted':
    case 'call_looked_up':
    case 'look_up_failed':
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
      return { ...state, handOver: false, queue: { ...state.queue, beforeHandOver: 0 } }
    case 'record_budget':
      return { ...state, budget: { ...state.budget, unrecorded: [], unrecordedBy: [], recording: true } }
    case 'record_model_wait':
      return { ...state, models: { ...state.models, unrecorded: [], failedHops: [], recording: true } }
    case 'admit':
      return { ...state, queue: { ...state.queue, admitting: true } }
    case 'record_refusals': {
      const { queue } = state
      const droppedRecorded = command.input.dropped
      return { ...state, queue: { ...queue, refusals: [], droppedRecorded, recording: true } }
    }
    case 'run_child':
    case 'look_up_call':
    case 'run_tool':
    case 'stop_tool':
    case 'request_approval':
    case 'record_progress':
    case 'record_decision':
    case 'note_results':
      return issuedCall(state, command)
  }
}

function cancelled(state: RunState): RunState {
  return end(state, { status: 'cancelled', reason: 'cancel_requested' })
}

function handOverSuggested(state: RunState): RunState {
  if (state.phase === 'closed') return state
  const beforeHandOver = Math.min(state.queue.waiting.length, QUEUE_BOUNDS.updates)
  return { ...state, handOver: true, queue: { ...state.queue, beforeHandOver } }
}

function closed(state: RunState): RunState {
  return { ...state, phase: 'closed', bookkeeping: 'none', handOver: false }
}

/** The run was about to complete, and is spoken to: it answers that first. */
function reopened(plan: WorkflowPlan, state: RunState, unread: readonly string[]): RunState {
  const seen = [...state.seen, ...unread].slice(-SEEN_MESSAGES)
  return another(plan, { ...state, bookkeeping: 'none', ending: null, inbox: unread, seen })
}

/** When every call of the step has its result, the model's turn comes again, if there is one left. */
function settle(plan: WorkflowPlan, state: RunState): RunState {
  if (state.ending !== null || state.phase !== 'acting') return state
  if (state.calls.some(({ stage }) => stage !== 'done')) return state
  const handsTo = state.calls.findLast((call) => call.handsTo !== null)?.handsTo
  return another(plan, { ...withoutToolPause(plan, state), ...(handsTo && { speaker: handsTo }) })
}

/**
 * A wait for more tool calls is over when those that it was for are answered by a stricter rule, or when a sub-agent that was not
 * begun gives its share back. Older runs waited on.
 */
function withoutToolPause({ format }: WorkflowPlan, state: RunState): RunState {
  return format >= 3 && state.budget.pause?.reached.limit === 'tool_calls' ? shareReturned(state) : state
}

function messageAdded(state: RunState, id: string): RunState {
  if (hasEnded(state) || state.seen.includes(id)) return state
  return { ...state, inbox: [...state.inbox, id], seen: [...state.seen, id].slice(-SEEN_MESSAGES) }
}

function alarm(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const deadline = deadlineAtMs(plan, state)
  if (deadline !== null && deadline <= nowMs)
    return end(state, { status: 'expired', reason: 'deadline', rest: {} })
  const after = agedModelWait(plan, agedPause(plan, state, nowMs), nowMs)
  return applyToCalls(plan, after, { type: 'alarm' }, nowMs)
}
