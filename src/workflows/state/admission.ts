import type { ApprovalStatus } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { FoundOfCall } from '../../contracts/tools/look-up.ts'
import {
  comesTooLate,
  countDropped,
  QUEUE_BOUNDS,
  refuseSubmission,
  rememberAnswer,
  type SignedSubmission,
  type Submission,
  withoutFirst,
} from './admission-queue.ts'
import { findCall } from './approvals/check-decision.ts'
import type { Command } from './command.ts'
import type { Occurrence } from './occurrence.ts'
import type { RunState } from './run-state.ts'

/**
 * Takes submissions off the head of the queue until one has a signature that an activity must verify. Once the run's end is
 * decided, only stricter rules count.
 */
export function takeUnsigned(
  state: RunState,
  applyTo: (state: RunState, occurrence: Occurrence) => RunState,
): RunState {
  let current = state
  for (;;) {
    const [head] = current.queue.waiting
    if (head === undefined || current.queue.admitting) return current
    if (comesTooLate(current, head)) current = refuseSubmission(withoutFirst(current), head, 'run_ended')
    else if (isSigned(head)) return current
    else if (head.type === 'message' && current.inbox.length >= QUEUE_BOUNDS.inbox)
      current = countDropped(withoutFirst(current))
    else current = applyTo(withoutFirst(current), occurrenceOf(head))
  }
}

/** An activity has checked the first submission: it counts from now on, or is refused. */
export function onAdmission(
  state: RunState,
  { problem, found }: Extract<Occurrence, { type: 'admission' }>,
  applyTo: (state: RunState, occurrence: Occurrence) => RunState,
): RunState {
  const [head] = state.queue.waiting
  if (head === undefined || !isSigned(head)) return state
  const rest = withoutFirst(state)
  const refusal = problem ?? problemSinceCheck(rest, head)
  if (refusal !== null) return refuseSubmission(rest, head, refusal)
  const after = applyTo(rest, occurrenceOf(head, found))
  return rememberAnswer(after, head, null, statusAfter(after, head))
}

/** A problem that arose after the check, in the same workflow task: time may have decided the approval, or ended the run. */
function problemSinceCheck(state: RunState, submission: SignedSubmission): ErrorCode | null {
  if (comesTooLate(state, submission)) return 'run_ended'
  if (submission.type !== 'decision') return null
  const approval = findCall(state, submission.decision.approvalId)?.approval
  return approval?.outcome === null ? null : 'already_decided'
}

/** The check of the first submission; none while one is under way, so that submissions count in their order. */
export function nextAdmission({ queue }: RunState): readonly Command[] {
  const [head] = queue.waiting
  return head !== undefined && isSigned(head) && !queue.admitting ? [{ type: 'admit', submission: head }] : []
}

/**
 * Puts refusals and the count of drops on the record. The count is recorded when it has doubled, and at the end, so that a flood
 * of drops costs a handful of events.
 */
export function recordRefusals({ queue, ending }: RunState): readonly Command[] {
  const { refusals, dropped, droppedRecorded, recording } = queue
  const isCountDue = dropped > droppedRecorded && (ending !== null || dropped >= 2 * droppedRecorded)
  if (recording || (refusals.length === 0 && !isCountDue)) return []
  return [{ type: 'record_refusals', input: { refusals, dropped } }]
}

/** The run is closed, and the refusals of the time when it was being closed are on the record, too. */
export function isFinished({ phase, queue }: RunState): boolean {
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
