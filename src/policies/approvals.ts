import type { ApprovalTerms } from '../contracts/approval.ts'

const DAY_MS = 86_400_000

/** On which terms people are asked. Rules in `tools.ts` name them; `standard` serves where they name none. */
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
  /** Money that does not come back: two people of finance, neither of them the one who asked. */
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
