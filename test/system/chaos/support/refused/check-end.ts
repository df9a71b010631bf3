import assert from 'node:assert/strict'
import type { PlayedRun } from './played-run.ts'
import type { RunRecord } from './record.ts'

/** What must hold of how a run ended: it completed, unless it was asked to stop or its terms let it fail over time. */
export function checkEnd(
  { wild, actions }: PlayedRun,
  { status, reason, completedAt, approvals }: RunRecord,
): void {
  assert.ok(completedAt, `it is ${status} for ever`)
  switch (status) {
    case 'completed':
      assert.ok(
        approvals.every((approval) => approval.status !== 'cancelled'),
        'it completed over an approval that was never decided',
      )
      break
    case 'cancelled':
      assert.equal(reason, 'cancel_requested')
      assert.ok(actions.cancelled, 'it was cancelled and nobody had asked')
      break
    case 'failed': {
      assert.equal(reason, 'approval_expired')
      const late = approvals.filter(
        ({ status: of, expiresAt }) => of === 'cancelled' && expiresAt <= completedAt,
      )
      assert.ok(late.length > 0, 'it failed over an approval that had time left')
      const terms = Object.values(wild.terms)
      assert.ok(terms.some(({ onTimeout }) => onTimeout === 'fail'))
      break
    }
    default:
      assert.fail(`it ended ${status} ${reason}`)
  }
}
