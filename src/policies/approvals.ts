import type { ApprovalTerms } from '../contracts/approvals/approval.ts'

const DAY_MS = 86_400_000

/** The terms of approvals whose rule names none of the application's. They also fill in what an application's terms leave out. */
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
} as const satisfies Record<string, ApprovalTerms>
