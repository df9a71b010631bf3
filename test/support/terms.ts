import type { ApprovalTerms } from '../../src/contracts/approvals/approval.ts'

const DAY_MS = 86_400_000

/** Two people of finance, neither of them the one who asked; managers after a day. */
export const TWO_OF_FINANCE: ApprovalTerms = {
  approvers: ['finance'],
  quorum: 2,
  excludeRequester: true,
  rejection: 'ends',
  decisions: ['approve', 'reject'],
  timeoutMs: 3 * DAY_MS,
  onTimeout: 'escalate',
  escalation: [{ afterMs: DAY_MS, to: ['managers'] }],
  remindEveryMs: DAY_MS / 2,
}
