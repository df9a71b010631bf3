import assert from 'node:assert/strict'
import type { DecisionKind } from '../../../../../src/contracts/approvals/approval.ts'
import { canonicalSha256 } from '../../../../../src/security/canonical-sha256.ts'
import { tightensTo } from './check-calls.ts'
import { mayDecide, PEOPLE } from './people.ts'
import type { PlayedRun } from './played-run.ts'
import type { ApprovalRecord, RunRecord } from './record.ts'
import type { SentDecision } from './sent-decision.ts'

/** What must hold of a run's approvals: each came to its status by votes that count, by time, by a rule, or by the run's end. */
export function checkApprovals(
  run: PlayedRun,
  record: RunRecord,
  sent: ReadonlyMap<string, SentDecision>,
): void {
  for (const approval of record.approvals) {
    checkApproval(run, record, approval, sent)
    const decided = record.events.filter(
      ({ type, data }) => type === 'approval.decided' && data['approval_id'] === approval.id,
    )
    assert.deepEqual(
      decided.map(({ data }) => data['status']),
      [approval.status],
      `${approval.id} has not exactly one event of its decision`,
    )
  }
}

function checkApproval(
  run: PlayedRun,
  record: RunRecord,
  approval: ApprovalRecord,
  sent: ReadonlyMap<string, SentDecision>,
): void {
  const { id, status, votes } = approval
  const call = run.wild.steps[approval.step - 1]?.[approval.index]
  assert.ok(call, `${id} is about no call`)
  const terms = run.wild.terms[call.terms]
  for (const vote of votes) {
    const decision = sent.get(String(vote.comment))
    assert.ok(decision, `${id}: somebody has voted who has sent nothing`)
    const { by, flaw } = decision
    assert.deepEqual([decision.approvalId, by, decision.decision], [id, vote.by, vote.decision])
    assert.equal(flaw, null, `${id}: ${by}'s decision counts though it is ${flaw}`)
    assert.ok(!(decision.isLate && run.actions.cancelled), `${id}: ${by}'s decision counts after the cancel`)
    const groups = by in PEOPLE ? PEOPLE[by as keyof typeof PEOPLE] : []
    assert.ok(mayDecide(terms, run.wild.requester, by, groups), `${id}: ${by} may not decide`)
    assert.ok(terms.decisions.includes(vote.decision), `${id}: ${vote.decision} is not on offer`)
  }
  assert.equal(new Set(votes.map(({ by }) => by)).size, votes.length, `${id}: somebody has voted twice`)
  const saying = (kind: DecisionKind) => votes.filter(({ decision }) => decision === kind).length
  const rejections = terms.rejection === 'ends' ? 1 : terms.quorum
  const isOver = approval.decidedAt !== null && approval.decidedAt >= approval.expiresAt

  // In these runs nobody speaks before the rule is there.
  if (tightensTo(run, call, 'deny') && approval.cause === 'policy') {
    assert.ok(['rejected', 'cancelled'].includes(status), `${id} was ${status} under a rule that denies it`)
    assert.deepEqual(votes, [], `${id}: somebody's decision counts under a rule that denies it`)
  }

  switch (status) {
    case 'approved':
      assert.equal(saying('approve'), terms.quorum, `${id} has not the votes it takes`)
      break
    case 'edited': {
      assert.equal(saying('edit'), 1)
      const edit = sent.get(String(votes.find(({ decision }) => decision === 'edit')?.comment))
      assert.equal(approval.editedSha256, canonicalSha256(edit?.edited ?? {}), id)
      break
    }
    case 'responded':
      assert.equal(saying('respond'), 1)
      break
    case 'rejected':
      if (approval.decidedBy === 'policy') assert.ok(tightensTo(run, call, 'deny'), id)
      else assert.equal(saying('reject'), rejections, `${id} has not the votes it takes`)
      break
    case 'expired':
      assert.ok(isOver, `${id} has expired before its time`)
      break
    case 'cancelled':
      assert.notEqual(record.status, 'completed', `${id} was cancelled and its run went on`)
      break
    case 'pending':
      assert.fail(`${id} still waits`)
  }
}
