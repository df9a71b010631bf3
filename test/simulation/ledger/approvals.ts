import type { RecordDecisionInput, RequestApprovalInput } from '../../../src/contracts/activities.ts'
import type { ApprovalDecision } from '../../../src/contracts/approval.ts'
import type { Occurrence } from '../../../src/workflows/state/occurrence.ts'
import { REQUESTER } from '../people.ts'
import { callAt, type Ledger, type LedgerApproval, must } from './ledger.ts'

export function observeRequest(
  ledger: Ledger,
  index: number,
  { approvalId, argumentsSha256, cause, terms }: Omit<RequestApprovalInput, 'run'>,
  nowMs: number,
): void {
  const call = callAt(ledger, index)
  must(!ledger.approvals.has(approvalId), 'an approval is asked for once')
  must(cause === 'outcome_unknown' || call.verdict === 'ask', 'a person is asked where the policy says so')
  must(cause !== 'outcome_unknown' || call.unseen, 'a person is asked about an outcome that nobody has seen')
  ledger.approvals.set(approvalId, {
    id: approvalId,
    call,
    cause,
    argumentsSha256,
    terms,
    askedAtMs: nowMs,
    voices: new Map(),
    outcome: null,
    recorded: false,
  })
}

export function observeDecision(ledger: Ledger, decision: ApprovalDecision, nowMs: number): void {
  const approval = ledger.approvals.get(decision.approvalId)
  must(approval !== undefined, 'a decision is about an approval that was asked for')
  must(approval.outcome === null, 'an approval is decided once')
  must(approval.argumentsSha256 === decision.argumentsSha256, 'a decision is about the arguments shown')
  const { terms, voices } = approval
  must(terms.decisions.includes(decision.decision), 'a decision is one of those on offer')
  must(
    !terms.excludeRequester || decision.by !== REQUESTER,
    'who asked for the run does not decide where excluded',
  )
  must(mayDecide(approval, decision.groups ?? [], nowMs), 'only approvers decide')
  must(!voices.has(decision.by), 'nobody votes twice')
  voices.set(decision.by, decision)
  const agreeing = [...voices.values()].filter((voice) => voice.decision === decision.decision).length
  const needed = decision.decision === 'reject' && terms.rejection === 'ends' ? 1 : terms.quorum
  if (agreeing >= needed) approval.outcome = decision.decision
}

/** A member of the terms' groups, or of those that enough time has brought in. */
function mayDecide({ terms, askedAtMs }: LedgerApproval, groups: readonly string[], nowMs: number): boolean {
  if (terms.approvers.length === 0) return true
  const waitedMs = nowMs - askedAtMs
  const escalated = terms.escalation.filter(
    ({ afterMs }) => waitedMs >= afterMs || (terms.onTimeout === 'escalate' && waitedMs >= terms.timeoutMs),
  )
  const allowed = [...terms.approvers, ...escalated.flatMap(({ to }) => to)]
  return groups.some((group) => allowed.includes(group))
}

/** What the run puts on the record has been decided. */
export function observeRecord(ledger: Ledger, input: Omit<RecordDecisionInput, 'run'>): void {
  const approval = ledger.approvals.get(input.approvalId)
  must(approval !== undefined, 'what is recorded was asked for')
  must(!approval.recorded, 'a decision is recorded once')
  const { status, by, at } = input.outcome
  if (by === 'time' || by === 'policy') {
    must(approval.outcome === null, 'time decides nothing that a person has decided')
    must(status === (by === 'time' ? 'expired' : 'rejected'), 'neither time nor policy approves')
    must(
      by === 'policy' || Date.parse(at) >= approval.askedAtMs + approval.terms.timeoutMs,
      'an approval does not expire ahead of time',
    )
    must(by === 'time' || approval.call.verdict === 'deny', 'the policy rejects only what it denies')
    approval.outcome = by === 'time' ? 'expired' : 'reject'
  }
  must(approval.outcome !== null, 'an approval is decided by as many as its terms want')
  must(STATUS_OF[approval.outcome] === status, 'what is recorded is what was decided')
  const goesAhead = status === 'approved' || status === 'edited'
  must((input.toolResult === undefined) === goesAhead, 'the model is told of every call that is not made')
  approval.recorded = true
}

const STATUS_OF = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
  respond: 'responded',
  expired: 'expired',
} as const

/** A decision counts from when it is on the record. An edit that was refused there counts for nothing. */
export function observeRecorded(
  ledger: Ledger,
  { index, refused }: Extract<Occurrence, { type: 'decision_recorded' }>,
): void {
  const call = callAt(ledger, index)
  const approval = [...ledger.approvals.values()].findLast((one) => one.call === call)
  must(approval !== undefined && approval.outcome !== null, 'what is recorded was decided')
  if (refused) {
    const editor = [...approval.voices.values()].find(({ decision }) => decision === 'edit')
    must(editor !== undefined, 'only an edit is refused')
    approval.voices.delete(editor.by)
    approval.outcome = null
    approval.recorded = false
    return
  }
  if (approval.outcome === 'edit') {
    const edit = [...approval.voices.values()].find(({ decision }) => decision === 'edit')
    call.argumentsSha256 = edit?.editedSha256 ?? 'none'
  }
  if (approval.outcome !== 'approve' && approval.outcome !== 'edit') call.answered = true
  else if (approval.cause === 'policy') call.cleared = true
  else call.clearedAgain += 1
}
