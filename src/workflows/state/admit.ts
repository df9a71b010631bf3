import type { ApprovalStatus } from '../../contracts/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { FoundOfCall } from '../../contracts/look-up.ts'
import {
  answered,
  comesTooLate,
  drop,
  QUEUE_BOUNDS,
  refused,
  type SignedSubmission,
  type Submission,
  shifted,
} from './admission-queue.ts'
import { findCall } from './approvals/check-decision.ts'
import type { Command } from './command.ts'
import type { Occurrence } from './occurrence.ts'
import type { RunState } from './run-state.ts'

/** Takes in what needs no activity, as far as it stands at the head of the queue. Once the run's end is decided, stricter rules alone count. */
export function takeReady(
  state: RunState,
  take: (state: RunState, occurrence: Occurrence) => RunState,
): RunState {
  let current = state
  for (;;) {
    const [head] = current.queue.waiting
    if (head === undefined || current.queue.admitting) return current
    if (comesTooLate(current, head)) current = refused(shifted(current), head, 'run_ended')
    else if (isSigned(head)) return current
    else if (head.type === 'message' && current.inbox.length >= QUEUE_BOUNDS.inbox)
      current = drop(shifted(current))
    else current = take(shifted(current), occurrenceOf(head))
  }
}

/** The first submission's admission has ended: it counts now, or never does. */
export function admitted(
  state: RunState,
  { problem, found }: Extract<Occurrence, { type: 'admission' }>,
  take: (state: RunState, occurrence: Occurrence) => RunState,
): RunState {
  const [head] = state.queue.waiting
  if (head === undefined || !isSigned(head)) return state
  const rest = shifted(state)
  const against = problem ?? overtakenBy(rest, head)
  if (against !== null) return refused(rest, head, against)
  const after = take(rest, occurrenceOf(head, found))
  return answered(after, head, null, statusAfter(after, head))
}

/** What time has decided in the same task, after the submission was looked at and before its turn came. */
function overtakenBy(state: RunState, submission: SignedSubmission): ErrorCode | null {
  if (comesTooLate(state, submission)) return 'run_ended'
  if (submission.type !== 'decision') return null
  const approval = findCall(state, submission.decision.approvalId)?.approval
  return approval?.outcome === null ? null : 'already_decided'
}

/** The next admission to begin; none while one is under way. */
export function admission({ queue }: RunState): readonly Command[] {
  const [head] = queue.waiting
  return head !== undefined && isSigned(head) && !queue.admitting ? [{ type: 'admit', submission: head }] : []
}

/**
 * Puts on the record what was refused and how much was dropped. Drops are told when there are twice as many as were told last,
 * and at the end: a flood of them costs a handful of events.
 */
export function recordRefusals({ queue, ending }: RunState): readonly Command[] {
  const { refusals, dropped, droppedRecorded, recording } = queue
  const isTold = dropped > droppedRecorded && (ending !== null || dropped >= 2 * droppedRecorded)
  if (recording || (refusals.length === 0 && !isTold)) return []
  return [{ type: 'record_refusals', input: { refusals, dropped } }]
}

/** The run is closed, and what was refused while it was being closed is on the record too. */
export function isOver({ phase, queue }: RunState): boolean {
  return phase === 'closed' && queue.refusals.length === 0 && !queue.recording
}

function isSigned(submission: Submission): submission is SignedSubmission {
  return 'key' in submission
}

function occurrenceOf(submission: Submission, found?: FoundOfCall): Occurrence {
  switch (submission.type) {
    case 'message':
      return { type: 'message_added', id: submission.id }
    case 'tightening':
      return { type: 'policy_tightened', rule: submission.rule }
    case 'decision':
      return { type: 'approval_decided', decision: submission.decision, ...(found && { found }) }
    case 'budget_change':
      return { type: 'budget_changed', change: submission.change }
  }
}

function statusAfter(state: RunState, submission: SignedSubmission): ApprovalStatus | undefined {
  if (submission.type !== 'decision') return undefined
  return findCall(state, submission.decision.approvalId)?.approval?.outcome?.status ?? 'pending'
}
