import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { onAdmission, takeUnsigned } from './admission.ts'
import { countDropped, enqueue, QUEUE_BOUNDS } from './admission-queue.ts'
import { applyBudgetChange, withSpent } from './budgets/apply-budget-change.ts'
import {
  advancePause,
  probeBudget,
  resumeAfterHop,
  resumeFromOwnBudget,
  setKillSwitch,
} from './budgets/budget-pause.ts'
import { enforceBudget, onHopWithheld, onLimitReached } from './budgets/limit-reached.ts'
import { onChildFinished } from './children.ts'
import { adjustClock, deadlineAtMs, passTime } from './clock.ts'
import type { Command } from './command.ts'
import { endRun, nextTurnOrEnd } from './endings.ts'
import { NO_FAULTS } from './models/answers-state.ts'
import { onHopFailed, onModelAnswered } from './models/apply-model.ts'
import { onCompacted, onCompactionIssued, onCompactionStopped, onHopTooLong } from './models/compaction.ts'
import { advanceModelWait, endModelWait, spareAttempt, wakeModelWait } from './models/model-wait.ts'
import { onRouteChosen } from './models/route.ts'
import type { Occurrence } from './occurrence.ts'
import { hasEnded, nextTurn, type RunState, SEEN_MESSAGES } from './run-state.ts'
import { applyToCalls, markCallIssued } from './tools/apply-calls.ts'

/** The state after something has happened at `nowMs`. Pure: the same state and occurrence give the same state. */
export function apply(plan: WorkflowPlan, state: RunState, occurrence: Occurrence, nowMs: number): RunState {
  const applyTo = (current: RunState, next: Occurrence) => applyOccurrence(plan, current, next, nowMs)
  const timed = passTime(plan, state, occurrence, nowMs)
  const held = enforceBudget(plan, takeUnsigned(applyTo(timed, occurrence), applyTo), nowMs)
  // The budget may have ended the run: submissions that still wait are refused then.
  return adjustClock(plan, takeUnsigned(held, applyTo), nowMs)
}

function applyOccurrence(
  plan: WorkflowPlan,
  state: RunState,
  occurrence: Occurrence,
  nowMs: number,
): RunState {
  switch (occurrence.type) {
    case 'issued':
      return markIssued(state, occurrence.command)
    case 'run_opened':
      return occurrence.cancelRequested
        ? cancelRun({ ...state, bookkeeping: 'none' })
        : nextTurn(plan, { ...state, bookkeeping: 'none' })
    case 'model_answered': {
      const { decision } = occurrence
      const returned = endModelWait(resumeAfterHop(state))
      return onModelAnswered(plan, withSpent(plan, returned, decision.spent), decision, nowMs)
    }
    case 'model_failed': {
      const { code } = occurrence
      const after = spareAttempt(resumeAfterHop(state), code)
      return code === 'model_context_too_long'
        ? onHopTooLong(plan, after, 'refused', nowMs)
        : onHopFailed(plan, after, code, nowMs)
    }
    case 'model_too_long':
      return onHopTooLong(plan, state, 'predicted', nowMs)
    case 'compacted':
      return onCompacted(plan, state, occurrence.compaction, nowMs)
    case 'compaction_stopped':
      return onCompactionStopped(state)
    case 'model_withheld':
      return onHopWithheld(plan, state, occurrence, nowMs)
    case 'route_chosen': {
      const { choice } = occurrence
      return onRouteChosen(plan, withSpent(plan, state, choice.spent), choice)
    }
    case 'model_stopped':
      return { ...state, turn: { ...state.turn, stage: 'idle' } }
    case 'message_added':
      return addToInbox(state, occurrence.id)
    case 'submitted':
      return enqueue(plan, state, occurrence.submission, occurrence.problem, occurrence.awaited === true)
    case 'dropped':
      return countDropped(state)
    case 'admission':
      return onAdmission(state, occurrence, (current, next) => applyOccurrence(plan, current, next, nowMs))
    case 'refusals_noted':
      return { ...state, queue: { ...state.queue, recording: false } }
    case 'cancel_requested':
      return cancelRun(state)
    case 'hand_over_suggested':
      return planHandOver(state)
    case 'alarm':
      return onAlarm(plan, state, nowMs)
    case 'run_closed':
      return occurrence.unread.length > 0 ? reopenRun(plan, state, occurrence.unread) : closeRun(state)
    case 'budget_changed':
      return applyBudgetChange(plan, state, occurrence.change)
    case 'kill_switch':
      return setKillSwitch(state, occurrence.scope, occurrence.on)
    case 'look_again':
      return probeBudget(state)
    case 'models_back':
      return wakeModelWait(plan, state, nowMs)
    case 'budget_noted':
      return { ...state, budget: { ...state.budget, recording: false } }
    case 'model_wait_noted':
      return { ...state, models: { ...state.models, recording: false } }
    case 'child_withheld': {
      const after = resumeFromToolLimit(plan, applyToCalls(plan, state, occurrence, nowMs))
      if (occurrence.never) return finishStep(plan, resumeFromOwnBudget(after))
      return onLimitReached(plan, after, occurrence.reached, nowMs)
    }
    case 'child_finished': {
      const { index, closed: child } = occurrence
      const call = state.calls.find((one) => one.index === index)
      const counted = call === undefined ? state : onChildFinished(state, call, child)
      return finishStep(plan, applyToCalls(plan, withSpent(plan, counted, child.spent), occurrence, nowMs))
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
      return finishStep(plan, applyToCalls(plan, state, occurrence, nowMs))
  }
}

function markIssued(state: RunState, command: Command): RunState {
  switch (command.type) {
    case 'open_run':
      return { ...state, bookkeeping: 'opening' }
    case 'close_run':
      return { ...state, bookkeeping: 'closing' }
    case 'call_model':
    case 'choose_route':
      return { ...state, turn: { ...state.turn, stage: 'running' } }
    case 'stop_model':
      return { ...state, turn: { ...state.turn, stage: 'stopping' } }
    case 'compact':
      return onCompactionIssued(state)
    case 'stop_compaction':
      return { ...state, context: { ...state.context, stage: 'stopping' } }
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
      return markCallIssued(state, command)
  }
}

function cancelRun(state: RunState): RunState {
  return endRun(state, { status: 'cancelled', reason: 'cancel_requested' })
}

function planHandOver(state: RunState): RunState {
  if (state.phase === 'closed') return state
  const beforeHandOver = Math.min(state.queue.waiting.length, QUEUE_BOUNDS.updates)
  return { ...state, handOver: true, queue: { ...state.queue, beforeHandOver } }
}

function closeRun(state: RunState): RunState {
  return { ...state, phase: 'closed', bookkeeping: 'none', handOver: false }
}

/** Messages came while the run was being closed: a model answers them before it ends. */
function reopenRun(plan: WorkflowPlan, state: RunState, unread: readonly string[]): RunState {
  const seen = [...state.seen, ...unread].slice(-SEEN_MESSAGES)
  return nextTurnOrEnd(plan, { ...state, bookkeeping: 'none', ending: null, inbox: unread, seen })
}

/** Begins the next turn once every call of the step has its result, or ends the run where its plan allows no more turns. */
function finishStep(plan: WorkflowPlan, state: RunState): RunState {
  if (state.ending !== null || state.phase !== 'acting') return state
  if (state.calls.some(({ stage }) => stage !== 'done')) return state
  const handsTo = state.calls.findLast((call) => call.handsTo !== null)?.handsTo
  return nextTurnOrEnd(plan, {
    ...resumeFromToolLimit(plan, state),
    ...(handsTo && { speaker: handsTo, answers: NO_FAULTS }),
  })
}

/**
 * Ends a wait for more tool calls: a stricter rule may have answered the calls that it was for, or a sub-agent that was not begun
 * has given its share back. Older runs waited on.
 */
function resumeFromToolLimit({ format }: WorkflowPlan, state: RunState): RunState {
  return format >= 3 && state.budget.pause?.reached.limit === 'tool_calls'
    ? resumeFromOwnBudget(state)
    : state
}

function addToInbox(state: RunState, id: string): RunState {
  if (hasEnded(state) || state.seen.includes(id)) return state
  return { ...state, inbox: [...state.inbox, id], seen: [...state.seen, id].slice(-SEEN_MESSAGES) }
}

function onAlarm(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const deadline = deadlineAtMs(plan, state)
  if (deadline !== null && deadline <= nowMs)
    return endRun(state, { status: 'expired', reason: 'deadline', rest: {} })
  const after = advanceModelWait(plan, advancePause(plan, state, nowMs), nowMs)
  return applyToCalls(plan, after, { type: 'alarm' }, nowMs)
}
