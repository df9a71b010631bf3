import type { Approval } from '../../contracts/approval.ts'
import { HTTP } from '../../policies/api.ts'
import { findApproval } from '../../store/approvals/approvals.ts'
import type { ApiContext } from '../context.ts'
import { createDoorbell } from '../http/doorbell.ts'
import type { DecisionAnswer } from '../temporal/send-decision.ts'

/**
 * The approval as the store has it after the run has answered. Where somebody else was quicker, the run knows it before the
 * store does: that decision is waited for, since it may be the very same.
 */
export async function waitForDecision(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  approval: Approval,
  answer: DecisionAnswer,
): Promise<Approval> {
  const bell = createDoorbell()
  const unsubscribe = hub.subscribe(approval.runId, { onRows: bell.ring })
  const deadline = performance.now() + (answer === 'already_decided' ? HTTP.temporalTimeoutMs : 0)
  try {
    for (;;) {
      const now = (await findApproval(database, approval.tenant, approval.id)) ?? approval
      const leftMs = deadline - performance.now()
      if (now.status !== 'pending' || leftMs <= 0 || hub.closing.aborted) return now
      await bell.wait(leftMs, hub.closing)
    }
  } finally {
    unsubscribe()
  }
}
