import { type Approval, whyMayNotDecide } from '../../contracts/approvals/approval.ts'
import type { ApprovalFilter } from '../../store/approvals/approvals.ts'
import type { Principal } from '../access/principal.ts'

/** The approvals that a caller lists or follows: a filter for the store, and the same filter for one approval. */
export interface InboxView {
  readonly tenant: string
  readonly filter: Omit<ApprovalFilter, 'limit' | 'before'>
  /** Whether the approval belongs to the view, whatever its status. */
  shows(approval: Approval): boolean
}

interface InboxQuery {
  readonly status?: ApprovalFilter['status'] | undefined
  readonly agent?: string | undefined
  readonly run_id?: string | undefined
  readonly requester?: string | undefined
  readonly decidable?: 'true' | undefined
}

export function inboxView({ tenant, id, groups }: Principal, query: InboxQuery): InboxView {
  const { status, agent, run_id: runId, requester, decidable } = query
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
