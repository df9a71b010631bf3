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
} from '../../../contracts/approval.ts'
import type { RecordProgressInput } from '../../../contracts/approval-record.ts'
import { type EditedCall, OUTCOME_OF, votesNeeded } from '../../../contracts/decision-problem.ts'
import type { JsonObject } from '../../../contracts/json.ts'
import type { FoundOfCall } from '../../../contracts/look-up.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from '../tools/call-state.ts'

export interface ApprovalState {
  readonly id: ApprovalId
  readonly cause: ApprovalCause
  readonly requestedAtMs: number
  readonly expiresAtMs: number
  /** null where the terms want no reminders. */
  readonly remindAtMs: number | null
  /** Groups that may decide now; with no people named either it is everybody who may decide approvals at all. */
  readonly approvers: readonly string[]
  /** People who may decide as well, where the tool has named some. Absent in older states. */
  readonly principals?: readonly string[]
  /** Steps of the escalation that have been taken. */
  readonly escalated: number
  readonly votes: readonly Vote[]
  /** Votes, escalations and reminders so far, and those of them that are not on the record yet, oldest first. */
  readonly progress: number
  readonly unrecorded: readonly ProgressKind[]
  readonly recordingProgress: boolean
  readonly outcome: ApprovalOutcome | null
  /** What an editor wants called instead. */
  readonly edit: {
    readonly arguments: JsonObject
    readonly argumentsSha256: string
    readonly found?: FoundOfCall
  } | null
}

export type ProgressKind = RecordProgressInput['what'][number]

/** An approval of this call, to be put to a person. Its id names run, step, call and try, so that asking twice asks once. */
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

/** The approval after one more decision: settled, or one vote further. */
export function vote(
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
  if (agreeing < votesNeeded(terms, decision.decision)) return progressed({ ...approval, votes }, 'voted')
  const said = { ...(message !== undefined && { message }), ...(comment !== undefined && { comment }) }
  const { arguments: args, editedSha256 } = decision
  const edits = decision.decision === 'edit' && args !== undefined && editedSha256 !== undefined
  return {
    ...approval,
    votes,
    outcome: { status: OUTCOME_OF[decision.decision], by, at, ...said },
    edit: edits ? { arguments: args, argumentsSha256: editedSha256, ...(found && { found }) } : null,
  }
}

/** What time has made of an approval that waits; `failed` where the terms let the run fail over it. */
export function aged(terms: ApprovalTerms, approval: ApprovalState, nowMs: number): ApprovalState | 'failed' {
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
  return progressed({ ...current, remindAtMs: nowMs + terms.remindEveryMs }, 'reminded')
}

/** When time next changes something about an approval that waits. */
export function nextMomentMs(terms: ApprovalTerms, approval: ApprovalState): number {
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
  return progressed({ ...approval, approvers, escalated: approval.escalated + 1 }, 'escalated')
}

export function approversNow({ approvers, principals = [] }: ApprovalState): Approvers {
  return { principals, groups: approvers }
}

/** A call as an edit would have it, with who might decide about it had it been asked about in the call's place. */
export function editedCall(
  terms: ApprovalTerms,
  { escalated }: ApprovalState,
  { facts, approvers }: FoundOfCall,
): EditedCall {
  if (approvers === undefined) return { facts }
  return { facts, approvers: escalatedTo(firstApprovers(terms, approvers), terms, escalated) }
}

function progressed(approval: ApprovalState, kind: ProgressKind): ApprovalState {
  return { ...approval, progress: approval.progress + 1, unrecorded: [...approval.unrecorded, kind] }
}
