import { type Approval, whyMayNotDecide } from '../../contracts/approval.ts'
import type { ApprovalFilter } from '../../store/approvals/approvals.ts'
import type { Principal } from '../access/principal.ts'

/** What somebody wants to see of the approvals. */
export interface InboxView {
  readonly tenant: string
  readonly filter: Omit<ApprovalFilter, 'limit' | 'before'>
  /** Whether one approval belongs to it, whatever its status. */
  shows(approval: Approval): boolean
}

interface Wishes {
  readonly status?: ApprovalFilter['status'] | undefined
  readonly agent?: string | undefined
  readonly run_id?: string | undefined
  readonly requester?: string | undefined
  readonly decidable?: 'true' | undefined
}

export function inboxView({ tenant, id, groups }: Principal, wishes: Wishes): InboxView {
  const { status, agent, run_id: runId, requester, decidable } = wishes
  return {
    tenant,
    filter: {
      tenant,
      ...(status !== undefined && { status }),
      ...(agent !== undefined && { agent }),
      ...(runId !== undefined && { runId }),
      ...(requester !== undefined && { requester }),
      ...(decidable !== undefined && { decidableBy: { principal: id, groups } }),
    },
    shows: (approval) =>
      (agent === undefined || approval.agent === agent) &&
      (runId === undefined || approval.runId === runId) &&
      (requester === undefined || approval.requester === requester) &&
      (decidable === undefined || whyMayNotDecide(approval, { principal: id, groups }) === null),
  }
}
