import assert from 'node:assert/strict'
import { mayDecide, PEOPLE } from './people.ts'
import type { PlayedRun } from './played-run.ts'
import type { RunRecord } from './record.ts'
import type { Flaw, SentDecision } from './sent-decision.ts'

const SIGNATURE_FLAWS: ReadonlySet<Flaw | null> = new Set(['unsigned', 'forged', 'altered', 'other_run'])
const OF_THE_WRONG_PERSON = new Set(['requester_excluded', 'not_an_approver'])
/** Codes that any decision, right or wrong, may be refused with, since it comes at the wrong time. */
const UNTIMELY = new Set(['already_decided', 'run_ended', 'not_found', 'already_voted'])

/** What must hold of all decisions that were sent to a run: each counted, or is on the record as refused and changed nothing. */
export function checkSentDecisions(run: PlayedRun, record: RunRecord, sent: readonly SentDecision[]): void {
  for (const decision of sent) checkSentDecision(run, record, decision)
}

function checkSentDecision(run: PlayedRun, record: RunRecord, decision: SentDecision): void {
  const { approvalId, by, answer, flaw, nonce } = decision
  const approval = record.approvals.find(({ id }) => id === approvalId)
  const votes = approval?.votes ?? []
  const counted = votes.some(({ comment }) => comment === nonce)
  const refusals = record.refusals.filter((one) => one.approvalId === approvalId && one.by === by)
  const codes = refusals.map(({ code }) => code)
  const what = `${nonce} of ${by} on ${approvalId} (${JSON.stringify({ ...decision, runId: undefined })})`

  switch (answer.type) {
    case 'unknown':
      break
    case 'gone':
      assert.ok(!counted || decision.isRepeated, `${what} counts, and there was no run`)
      break
    case 'accepted': {
      const isRepeatedDecision = votes.some((vote) => vote.by === by && vote.decision === decision.decision)
      assert.ok(counted || isRepeatedDecision, `${what} was accepted and does not count`)
      break
    }
    case 'refused':
      assert.ok(!counted || decision.isRepeated, `${what} was refused and counts`)
      assert.ok(expectedCodes(run, decision).has(answer.code), `${what} was refused as ${answer.code}`)
      if (by in PEOPLE) assert.ok(codes.includes(answer.code), `${what}: its refusal is not on the record`)
      break
    case 'sent':
      if (flaw !== null && SIGNATURE_FLAWS.has(flaw)) {
        // No activity verifies a decision that meets the run's end.
        const isOnRecord = codes.includes('decision_unsigned') || codes.includes('run_ended')
        assert.ok(isOnRecord, `${what} is not on the record as unsigned`)
      }
      // A right decision may have been accepted, and the run have ended before that was recorded.
      if (approval?.status === 'cancelled' && flaw === null) break
      assert.ok(counted || codes.length > 0, `${what} has left no trace`)
  }
}

/** The codes that the documents have for this decision's flaw. */
function expectedCodes({ wild }: PlayedRun, { by, flaw }: SentDecision): ReadonlySet<string> {
  if (by === 'namesake') return new Set(['not_found'])
  if (by === 'onlooker') return new Set(['forbidden'])
  const codes = new Set([...UNTIMELY, 'decision_not_allowed'])
  if (flaw === 'stale') codes.add('stale')
  if (flaw === 'unusable') codes.add('edited_arguments_invalid')
  const isWrongPerson = Object.values(wild.terms).some(
    (terms) =>
      !mayDecide(
        { ...terms, escalation: [] },
        wild.requester,
        by,
        by in PEOPLE ? PEOPLE[by as keyof typeof PEOPLE] : [],
      ),
  )
  if (isWrongPerson) for (const code of OF_THE_WRONG_PERSON) codes.add(code)
  return codes
}
