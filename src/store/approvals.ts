import type { Approval, ApprovalStatus } from '../contracts/approval.ts'
import { APPROVAL_COLUMNS, type ApprovalColumns, toApproval } from './approval-row.ts'
import type { Db } from './database.ts'
import { newestFirst } from './page.ts'

export { type RecordDecision, recordDecision } from './record-decision.ts'
export { recordDenied } from './record-denied.ts'
export { type RequestApproval, requestApproval } from './request-approval.ts'

const SELECT = `select ${APPROVAL_COLUMNS} from approvals`

export interface ApprovalFilter {
  readonly tenant: string
  readonly status?: ApprovalStatus
  readonly agent?: string
  readonly runId?: string
  readonly limit: number
  /** The last approval of the page before. */
  readonly before?: { readonly requestedAt: string; readonly id: string }
}

export async function findApproval(db: Db, tenant: string, id: string): Promise<Approval | null> {
  const text = `${SELECT} where id = $1 and tenant = $2`
  const [row] = await db.query<ApprovalColumns>({ name: 'find_approval', text, values: [id, tenant] })
  return row ? toApproval(row) : null
}

/** Newest first. */
export async function listApprovals(db: Db, filter: ApprovalFilter): Promise<Approval[]> {
  const { tail, values } = newestFirst({
    timeColumn: 'requested_at',
    equal: [
      ['tenant', filter.tenant],
      ['status', filter.status],
      ['agent', filter.agent],
      ['run_id', filter.runId],
    ],
    before: filter.before && [filter.before.requestedAt, filter.before.id],
    limit: filter.limit,
  })
  return (await db.query<ApprovalColumns>({ text: `${SELECT} ${tail}`, values })).map(toApproval)
}
