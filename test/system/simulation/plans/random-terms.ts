import type { ApprovalTerms } from '../../../../src/contracts/approvals/approval.ts'
import type { Random } from '../random.ts'

export function randomTerms(random: Random): ApprovalTerms {
  const quorum = random.pick([1, 1, 2, 3])
  const timeoutMs = random.chance(0.3) ? 20 + random.below(200) : 10_000_000
  return {
    approvers: random.pick([[], [], ['finance'], ['finance', 'managers']]),
    quorum,
    excludeRequester: random.chance(0.3),
    rejection: random.pick(['ends', 'votes'] as const),
    decisions: quorum === 1 ? ['approve', 'edit', 'reject', 'respond'] : ['approve', 'reject'],
    timeoutMs,
    onTimeout: random.pick(['reject', 'escalate', 'fail'] as const),
    escalation: Array.from({ length: random.below(3) }, (_, step) => ({
      afterMs: (step + 1) * (10 + random.below(100)),
      to: random.pick([['managers'], ['board']]),
    })),
    remindEveryMs: random.chance(0.3) ? Math.ceil(timeoutMs / (1 + random.below(4))) : 0,
  }
}
