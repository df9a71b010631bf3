import type { ApprovalTerms } from '../contracts/approval.ts'

const DAY_MS = 86_400_000

/** Terms of approvals. A rule in `tools.ts` names its terms; without a name it has `standard`. */
export const APPROVAL_TERMS = {
  standard: {
    approvers: [],
    quorum: 1,
    excludeRequester: false,
    rejection: 'ends',
    decisions: ['approve', 'edit', 'reject', 'respond'],
    timeoutMs: 7 * DAY_MS,
    onTimeout: 'reject',
    escalation: [],
    remindEveryMs: DAY_MS,
  },
  /** For money that cannot come back: two people of finance, and not the requester. */
  two_of_finance: {
    approvers: ['finance'],
    quorum: 2,
    excludeRequester: true,
    rejection: 'ends',
    decisions: ['approve', 'reject'],
    timeoutMs: 3 * DAY_MS,
    onTimeout: 'escalate',
    escalation: [{ afterMs: DAY_MS, to: ['managers'] }],
    remindEveryMs: DAY_MS / 2,
  },
} as const satisfies Record<string, ApprovalTerms>
