import type { Approval } from '../../contracts/approvals/approval.ts'
import { HTTP } from '../../policies/api.ts'
import { findApproval } from '../../store/approvals/approvals.ts'
import type { ApiContext } from '../context.ts'
import { waitUntil } from '../http/wait-until.ts'
import type { DecisionAnswer } from '../temporal/send-decision.ts'

/**
 * The approval as the store has it after the run has answered. Where another decision was quicker, the run knows it before the store
 * does; this waits for it, since it may be the same person's, sent twice.
 */
export function waitForDecision(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  approval: Approval,
  answer: DecisionAnswer,
): Promise<Approval> {
  return waitUntil({
    subscribe: (onRows) => hub.subscribe(approval.runId, { onRows }),
    look: async () => (await findApproval(database, approval.tenant, approval.id)) ?? approval,
    isDone: ({ status }) => status !== 'pending',
    timeoutMs: answer === 'already_decided' ? HTTP.updateTimeoutMs : 0,
    signal: hub.closing,
  })
}
