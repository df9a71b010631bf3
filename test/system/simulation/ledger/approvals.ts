import type { ApprovalDecision, Approvers } from '../../../../src/contracts/approvals/approval.ts'
import type {
  RecordDecisionInput,
  RequestApprovalInput,
} from '../../../../src/contracts/approvals/approval-record.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { FoundOfCall } from '../../../../src/contracts/tools/look-up.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import { REQUESTER } from '../people.ts'
import { judgeAgain } from './calls.ts'
import { callAt, type Ledger, type LedgerApproval, must } from './ledger.ts'
import { toolOf } from './team.ts'

export function observeRequest(
  ledger: Ledger,
  plan: RunPlan,
  index: number,
  { approvalId, argumentsSha256, cause, terms }: Omit<RequestApprovalInput, 'run'>,
  nowMs: number,
): void {
  const call = callAt(ledger, index)
  must(!ledger.approvals.has(approvalId), 'an approval is asked for once')
  must(cause === 'outcome_unknown' || call.verdict === 'ask', 'a person is asked where the policy says so')
  must(cause !== 'outcome_unknown' || call.unseen, 'a person is asked about an outcome that nobody has seen')
  must(argumentsSha256 === call.argumentsSha256, 'a person is asked about the call as it would be made')
  const { facts, approvers } = toolOf(plan, call.tool)
  const named = call.found?.approvers ?? null
  must(!approvers || named !== null || cause === 'outcome_unknown', 'a person is asked when it is known whom')
  must(!facts || call.found !== null, 'a person is asked when the facts are known')
  ledger.approvals.set(approvalId, {
    id: approvalId,
    call,
    cause,
    decisionSha256: call.found?.decisionSha256 ?? argumentsSha256,
    named,
    edited: null,
    terms,
    askedAtMs: nowMs,
    votes: new Map(),
    outcome: null,
    recorded: false,
  })
}

/** @param found of an edit: what was looked up of the call as it would be */
export function observeDecision(
  ledger: Ledger,
  plan: RunPlan,
  decision: ApprovalDecision,
  nowMs: number,
  found?: FoundOfCall,
): void {
  const approval = ledger.approvals.get(decision.approvalId)
  must(approval !== undefined, 'a decision is about an approval that was asked for')
  must(approval.outcome === null, 'an approval is decided once')
  must(approval.decisionSha256 === decision.argumentsSha256, 'a decision is about the arguments shown')
  const { terms, votes, call, named } = approval
  must(terms.decisions.includes(decision.decision), 'a decision is one of those on offer')
  must(
    !terms.excludeRequester || decision.by !== REQUESTER,
    'who asked for the run does not decide where excluded',
  )
  must(mayDecide(approval, named, decision, nowMs), 'only approvers decide')
  must(!votes.has(decision.by), 'nobody votes twice')
  if (named !== null && !isNobody(named)) ledger.decidedByNamed += 1
  const tool = toolOf(plan, call.tool)
  if (decision.decision === 'edit' && (tool.facts || tool.approvers)) {
    must(found !== undefined, 'an edit counts only when it is known what it makes of the call')
    const edited = { tool: call.tool, arguments: decision.arguments ?? null, facts: found.facts }
    const verdict = judgeAgain(ledger, tool, edited)
    must(verdict !== 'deny', 'an edit makes no call that the policy denies')
    const isTheirs = verdict !== 'ask' || mayDecide(approval, found.approvers ?? null, decision, nowMs)
    must(isTheirs, 'an edit makes no call that others decide about')
  }
  votes.set(decision.by, decision)
  const agreeing = [...votes.values()].filter((vote) => vote.decision === decision.decision).length
  const needed = decision.decision === 'reject' && terms.rejection === 'ends' ? 1 : terms.quorum
  if (agreeing < needed) return
  approval.outcome = decision.decision
  approval.edited = found ?? null
}

function isNobody({ principals, groups }: Approvers): boolean {
  return principals.length + groups.length === 0
}

/** Whom the tool has named, or a member of the terms' groups; or somebody whom enough time has brought in. */
export function mayDecide(
  { terms, askedAtMs }: LedgerApproval,
  named: Approvers | null,
  { by, groups = [] }: ApprovalDecision,
  nowMs: number,
): boolean {
  const isNamed = named !== null && !isNobody(named)
  const first = isNamed ? named.groups : terms.approvers
  const people = isNamed ? named.principals : []
  if (first.length + people.length === 0 || people.includes(by)) return true
  const waitedMs = nowMs - askedAtMs
  const escalated = terms.escalation.filter(
    ({ afterMs }) => waitedMs >= afterMs || (terms.onTimeout === 'escalate' && waitedMs >= terms.timeoutMs),
  )
  const allowed = [...first, ...escalated.flatMap(({ to }) => to)]
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
    const editor = [...approval.votes.values()].find(({ decision }) => decision === 'edit')
    must(editor !== undefined, 'only an edit is refused')
    approval.votes.delete(editor.by)
    approval.outcome = null
    approval.recorded = false
    return
  }
  if (approval.outcome === 'edit') {
    const edit = [...approval.votes.values()].find(({ decision }) => decision === 'edit')
    call.argumentsSha256 = edit?.editedSha256 ?? 'none'
    const approvers = approval.edited?.approvers ?? call.found?.approvers
    if (approval.edited !== null) call.found = { ...approval.edited, ...(approvers && { approvers }) }
  }
  if (approval.outcome !== 'approve' && approval.outcome !== 'edit') call.answered = true
  else if (approval.cause === 'policy') call.approved = true
  else call.approvedAgain += 1
}
