import {
  type ApprovalCause,
  type ApprovalDecision,
  type ApprovalId,
  type ApprovalOutcome,
  type ApprovalTerms,
  type Approvers,
  escalatedTo,
  firstApprovers,
  isEverybody,
  type Vote,
} from '../../../contracts/approvals/approval.ts'
import type { RecordProgressInput } from '../../../contracts/approvals/approval-record.ts'
import { type EditedCall, OUTCOME_OF, votesNeeded } from '../../../contracts/approvals/decision-problem.ts'
import type { JsonObject } from '../../../contracts/json.ts'
import type { FoundOfCall } from '../../../contracts/tools/look-up.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from '../tools/call-state.ts'

export interface ApprovalState {
  readonly id: ApprovalId
  readonly cause: ApprovalCause
  readonly requestedAtMs: number
  readonly expiresAtMs: number
  /** When the next reminder is due; null where the terms want no reminders. */
  readonly remindAtMs: number | null
  /** Groups that may decide now. Without groups and `principals`, everybody who may decide approvals at all may. */
  readonly approvers: readonly string[]
  /** People whom the tool has named and who may decide as well. Absent where it has named none, and in older states. */
  readonly principals?: readonly string[]
  /** Steps of the escalation that have been taken. */
  readonly escalated: number
  readonly votes: readonly Vote[]
  /** Number of votes, escalations and reminders so far. */
  readonly progress: number
  /** Those of them that still have to be put on the record, oldest first. */
  readonly unrecorded: readonly ProgressKind[]
  readonly recordingProgress: boolean
  readonly outcome: ApprovalOutcome | null
  /** The call that a person's edit puts in the place of the model's. */
  readonly edit: {
    readonly arguments: JsonObject
    readonly argumentsSha256: string
    readonly found?: FoundOfCall
  } | null
}

export type ProgressKind = RecordProgressInput['what'][number]

/** A new approval of this call. Its id names run, step, call and repetition, so that requesting it twice requests it once. */
export function newApproval(
  terms: ApprovalTerms,
  state: Pick<RunState, 'runId' | 'step'>,
  call: Pick<CallState, 'index' | 'again' | 'found'>,
  cause: ApprovalCause,
  nowMs: number,
): ApprovalState {
  const again = cause === 'outcome_unknown' ? call.again + 1 : 0
  const id: ApprovalId = `apr_${state.runId.slice('run_'.length)}_${state.step}_${call.index}_${again}`
  const { principals, groups } = firstApprovers(terms, call.found?.approvers)
  return {
    id,
    cause,
    requestedAtMs: nowMs,
    expiresAtMs: nowMs + terms.timeoutMs,
    remindAtMs: terms.remindEveryMs > 0 ? nowMs + terms.remindEveryMs : null,
    approvers: groups,
    ...(principals.length > 0 && { principals }),
    escalated: 0,
    votes: [],
    progress: 0,
    unrecorded: [],
    recordingProgress: false,
    outcome: null,
    edit: null,
  }
}

/** The approval after one more decision: decided, or with one more vote. */
export function castVote(
  terms: ApprovalTerms,
  approval: ApprovalState,
  decision: ApprovalDecision,
  nowMs: number,
  found?: FoundOfCall,
): ApprovalState {
  const { by, message, comment } = decision
  const at = new Date(nowMs).toISOString()
  const cast: Vote = { by, decision: decision.decision, at, ...(comment !== undefined && { comment }) }
  const votes = [...approval.votes, cast]
  const agreeing = votes.filter((one) => one.decision === decision.decision).length
  if (agreeing < votesNeeded(terms, decision.decision)) return withProgress({ ...approval, votes }, 'voted')
  const words = { ...(message !== undefined && { message }), ...(comment !== undefined && { comment }) }
  const { arguments: args, editedSha256 } = decision
  const isEdit = decision.decision === 'edit' && args !== undefined && editedSha256 !== undefined
  return {
    ...approval,
    votes,
    outcome: { status: OUTCOME_OF[decision.decision], by, at, ...words },
    edit: isEdit ? { arguments: args, argumentsSha256: editedSha256, ...(found && { found }) } : null,
  }
}

/** Escalates, reminds of and expires an approval that waits, as `nowMs` requires; `failed` where the terms end the run over it. */
export function advanceApproval(
  terms: ApprovalTerms,
  approval: ApprovalState,
  nowMs: number,
): ApprovalState | 'failed' {
  let current = approval
  while (escalatesAtMs(terms, current) <= nowMs) current = escalate(terms, current)
  if (current.expiresAtMs <= nowMs) {
    if (terms.onTimeout === 'fail') return 'failed'
    if (terms.onTimeout !== 'escalate' || current.escalated === terms.escalation.length) {
      return { ...current, outcome: { status: 'expired', by: 'time', at: new Date(nowMs).toISOString() } }
    }
    current = { ...escalate(terms, current), expiresAtMs: nowMs + terms.timeoutMs }
  }
  if (current.remindAtMs === null || current.remindAtMs > nowMs) return current
  return withProgress({ ...current, remindAtMs: nowMs + terms.remindEveryMs }, 'reminded')
}

/** When an approval that waits is next escalated, reminded of or expired. */
export function nextApprovalMomentMs(terms: ApprovalTerms, approval: ApprovalState): number {
  const { expiresAtMs, remindAtMs } = approval
  return Math.min(expiresAtMs, remindAtMs ?? Number.POSITIVE_INFINITY, escalatesAtMs(terms, approval))
}

function escalatesAtMs(terms: ApprovalTerms, { requestedAtMs, escalated }: ApprovalState): number {
  const step = terms.escalation[escalated]
  return step === undefined ? Number.POSITIVE_INFINITY : requestedAtMs + step.afterMs
}

/** An approval that everybody may decide stays so. */
function escalate(terms: ApprovalTerms, approval: ApprovalState): ApprovalState {
  const to = terms.escalation[approval.escalated]?.to ?? []
  const isForAll = isEverybody(approversNow(approval))
  const approvers = isForAll ? [] : [...new Set([...approval.approvers, ...to])]
  return withProgress({ ...approval, approvers, escalated: approval.escalated + 1 }, 'escalated')
}

export function approversNow({ approvers, principals = [] }: ApprovalState): Approvers {
  return { principals, groups: approvers }
}

/** The facts of a call as edited, and the people who would have to approve it now had the model made that call. */
export function editedCall(
  terms: ApprovalTerms,
  { escalated }: ApprovalState,
  { facts, approvers }: FoundOfCall,
): EditedCall {
  if (approvers === undefined) return { facts }
  return { facts, approvers: escalatedTo(firstApprovers(terms, approvers), terms, escalated) }
}

function withProgress(approval: ApprovalState, kind: ProgressKind): ApprovalState {
  return { ...approval, progress: approval.progress + 1, unrecorded: [...approval.unrecorded, kind] }
}
