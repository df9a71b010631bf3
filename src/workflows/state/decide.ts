import type { ToolResultNote } from '../../contracts/activities.ts'
import type { ApprovalId, ApprovalOutcome } from '../../contracts/approval.ts'
import type { CloseRunInput } from '../../contracts/ending.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { plannedTool, termsOf } from '../../contracts/read-plan.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { EMPTY_QUEUE } from './admission-queue.ts'
import { admission, recordRefusals } from './admit.ts'
import { runChild } from './children.ts'
import type { Command } from './command.ts'
import { callModel } from './model-call.ts'
import { recordBudget, recordModelWait } from './notices.ts'
import { keptFor } from './resume.ts'
import {
  type ApprovalState,
  type CallStage,
  type CallState,
  type Ending,
  isBusy,
  isHeld,
  type RunState,
} from './run-state.ts'
import { freeToolCalls } from './usable-limits.ts'

/**
 * What to begin now. Pure, and says each command once: whoever carries it out tells `apply` that it was issued before
 * asking again.
 */
export function decide(plan: WorkflowPlan, state: RunState): readonly Command[] {
  if (state.phase === 'closed') return recordRefusals(state)
  if (state.ending !== null) return wrapUp(plan, state)
  if (state.phase === 'opening') return state.bookkeeping === 'none' ? [{ type: 'open_run' }] : []
  const records: Command[] = [
    ...state.calls.flatMap((call) => record(plan, state, call)),
    ...noteResults(state),
    ...recordBudget(plan, state),
    ...recordModelWait(state),
    ...recordRefusals(state),
  ]
  // A sub-agent may wait for a person for days: the rest of its step does not wait with it.
  const childRuns = state.calls.some((call) => call.stage === 'running' && isChild(plan, call))
  if (state.handOver && !childRuns) {
    // Few admissions keep the run from handing over: a flood of them would, for ever. The rest of the queue is carried over.
    const admits = state.queue.beforeHandOver > 0 || isBusy({ ...state, queue: EMPTY_QUEUE })
    const due = admits ? [...records, ...admission(state)] : records
    return due.length > 0 || isBusy(state) ? due : [{ type: 'continue_as_new' }]
  }
  records.push(...admission(state))
  if (isHeld(state)) return records
  if (state.phase === 'thinking') {
    const isDue = state.turn.stage === 'idle' && state.models.wait?.probing !== false
    return isDue ? [...records, callModel(plan, state)] : records
  }
  records.push(...lookUps(plan, state))
  const ready = state.calls.filter(({ stage }) => stage === 'ready').slice(0, freeToolCalls(state))
  // A sub-agent's share depends on what the calls before it have taken.
  const [first] = ready
  if (first !== undefined && isChild(plan, first)) return [...records, runChild(plan, state, first)]
  const own = ready.filter((call) => !isChild(plan, call))
  return [...records, ...own.map((call) => runTool(plan, state, call))]
}

function isChild(plan: WorkflowPlan, { tool }: CallState): boolean {
  return plannedTool(plan, tool).execution === 'child'
}

/** Once the end is decided: stop what runs, wait for it, then close. */
function wrapUp(plan: WorkflowPlan, state: RunState): readonly Command[] {
  const stops: Command[] = state.calls.flatMap(({ stage, index }) =>
    stage === 'running' || stage === 'looking_up' ? [{ type: 'stop_tool', index } as const] : [],
  )
  if (state.turn.stage === 'running') stops.push({ type: 'stop_model' })
  if (stops.length > 0 || isBusy(state) || state.ending === null) return stops
  const notices = [...recordBudget(plan, state), ...recordModelWait(state), ...recordRefusals(state)]
  if (notices.length > 0) return notices
  const { status, reason, error } = state.ending
  const answer = answerOf(state, state.ending)
  const resumable = keptFor(state.ending, state)
  return [
    {
      type: 'close_run',
      input: {
        status,
        ...(reason !== undefined && { reason }),
        ...(error !== undefined && { error }),
        ...(answer !== undefined && { answer }),
        ...(state.turn.failedHops.length > 0 && { failedHops: state.turn.failedHops }),
        steps: stepsTaken(state),
        approvals: openApprovals(state),
        ...(resumable !== null && { resumable }),
      },
    },
  ]
}

/** What there is of a run without an answer takes the place that the next answer would have. */
function answerOf({ nextSeq, turn }: RunState, { answer, rest }: Ending): CloseRunInput['answer'] {
  return rest === undefined ? answer : { seq: nextSeq + turn.inbox.length, ...rest, fromRecord: true }
}

/** A step whose first hop was withheld has not been taken. */
export function stepsTaken(state: RunState): number {
  const { step, phase, turn, ending } = state
  const isAnswered = ending?.answer !== undefined && ending.answer.text === undefined
  const isWithheld = isHeld(state) || (ending?.reason === 'budget' && !isAnswered)
  return phase === 'thinking' && isWithheld && turn.failedHops.length === 0 ? step - 1 : step
}

/** Puts an approval on the record: that it is asked for, how it goes on, and what became of it. */
function record(plan: WorkflowPlan, state: RunState, call: CallState): readonly Command[] {
  const { index, stage, approval } = call
  if (approval === null || approval.recordingProgress) return []
  if (stage === 'unasked') return [requestApproval(plan, state, call, approval)]
  const asked = stage === 'waiting' || stage === 'decided'
  if (asked && approval.unrecorded.length > 0) return [recordProgress(index, approval)]
  return stage === 'decided' && approval.outcome !== null
    ? [recordDecision(state, call, approval, approval.outcome)]
    : []
}

function requestApproval(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  approval: ApprovalState,
): Command {
  const { index, tool, argumentsSha256 } = call
  return {
    type: 'request_approval',
    index,
    input: {
      approvalId: approval.id,
      agent: plan.agent.name,
      step: state.step,
      index,
      tool,
      effect: plannedTool(plan, tool).effect,
      arguments: call.arguments,
      argumentsSha256,
      cause: approval.cause,
      rule: call.rule ?? 'otherwise',
      terms: termsOf(plan, call.terms),
      expiresAt: new Date(approval.expiresAtMs).toISOString(),
    },
  }
}

function recordProgress(index: number, approval: ApprovalState): Command {
  const { id, progress, votes, approvers, expiresAtMs, unrecorded } = approval
  const expiresAt = new Date(expiresAtMs).toISOString()
  return {
    type: 'record_progress',
    index,
    input: { approvalId: id, progress, votes, approvers, expiresAt, what: unrecorded },
  }
}

function recordDecision(
  state: RunState,
  call: CallState,
  approval: ApprovalState,
  outcome: ApprovalOutcome,
): Command {
  const { id, votes, edit } = approval
  const toolResult = resultInstead(call, approval, outcome)
  return {
    type: 'record_decision',
    index: call.index,
    input: {
      approvalId: id,
      outcome,
      votes,
      stillWaiting: openApprovals(state).filter((other) => other !== id),
      ...(edit !== null && { edited: { tool: call.tool, ...edit } }),
      ...(toolResult !== null && { toolResult }),
    },
  }
}

/** What the model is told of a call that a person, or time, has stopped or answered; null for one that goes ahead. */
function resultInstead(
  call: CallState,
  { cause }: ApprovalState,
  { status, message }: ApprovalOutcome,
): ToolResultNote | null {
  if (status === 'approved' || status === 'edited') return null
  if (status === 'responded') return note(call, undefined, message)
  if (cause === 'outcome_unknown') return note(call, 'tool_outcome_unknown', message)
  return note(call, status === 'rejected' ? 'tool_rejected' : 'tool_approval_expired', message)
}

function noteResults(state: RunState): readonly Command[] {
  const notes = state.calls.flatMap((call) =>
    call.stage === 'refused'
      ? [
          {
            ...note(call, call.refusal ?? undefined),
            ...handedTo(state, call),
            ...(call.rule !== null && { rule: call.rule }),
            ...(call.handsTo !== null && { handoff: call.handsTo }),
          },
        ]
      : [],
  )
  return notes.length > 0 ? [{ type: 'note_results', input: { step: state.step, notes } }] : []
}

/** To whom another call of the step has handed the run, for one that was not made because of it. */
function handedTo({ calls }: RunState, { refusal }: CallState): Pick<ToolResultNote, 'handedTo'> {
  const to = calls.find(({ handsTo }) => handsTo !== null)?.handsTo
  return refusal === 'tool_handed_off' && to ? { handedTo: to } : {}
}

function note({ seq, callId, tool, index }: CallState, code?: ErrorCode, message?: string): ToolResultNote {
  return {
    index,
    seq,
    callId,
    tool,
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  }
}

/** Nobody is asked about a call, and none is made, before it is known what its tool wants known of it. */
function lookUps(plan: WorkflowPlan, { step, calls }: RunState): readonly Command[] {
  return calls.flatMap(({ stage, index, tool, arguments: args, found }) => {
    if (stage !== 'to_look_up') return []
    // What its rules look at is known, or there is nothing of the kind: they want a person.
    const ask = found !== undefined || !plannedTool(plan, tool).facts
    const input = { step, index, ...(ask && { ask: true as const }) }
    return [{ type: 'look_up_call', tool, arguments: args, input }]
  })
}

function runTool(plan: WorkflowPlan, state: RunState, call: CallState): Command {
  const { name, effect, idempotency, timeoutMs, attempts } = plannedTool(plan, call.tool)
  const { index, seq, callId, argumentsSha256, again } = call
  return {
    type: 'run_tool',
    input: {
      step: state.step,
      index,
      seq,
      callId,
      tool: { name, effect, idempotency, timeoutMs, attempts },
      arguments: call.arguments,
      argumentsSha256,
      ...(call.edited && { edited: true as const }),
      ...(call.approval !== null && { asked: true as const }),
      again,
    },
  }
}

/** Approvals that a person may still decide, or whose decision is not on the record yet. */
function openApprovals(state: RunState): readonly ApprovalId[] {
  return state.calls.flatMap(({ stage, approval }) =>
    approval !== null && stage !== 'done' && OPEN.has(stage) ? [approval.id] : [],
  )
}
const OPEN: ReadonlySet<CallStage> = new Set(['unasked', 'asking', 'waiting', 'decided', 'recording'])
