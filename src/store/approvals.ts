import type { Approval, ApprovalStatus } from '../contracts/approval.ts'
import { APPROVAL_COLUMNS, type ApprovalColumns, toApproval } from './approval-row.ts'
import type { Db } from './database.ts'
import { newestFirst, type Where } from './page.ts'

export { type RecordDecision, recordDecision } from './record-decision.ts'
export { recordDenied } from './record-denied.ts'
export { recordProgress } from './record-progress.ts'
export { recordRefusal } from './record-refusal.ts'
export { type RequestApproval, requestApproval } from './request-approval.ts'

const SELECT = `select ${APPROVAL_COLUMNS} from approvals`

export interface ApprovalFilter {
  readonly tenant: string
  readonly status?: ApprovalStatus
  readonly agent?: string
  readonly runId?: string
  /** Only what this person may decide now: it waits, they are among its approvers, not kept out, and have not voted. */
  readonly decidableBy?: { readonly principal: string; readonly groups: readonly string[] }
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
    where: filter.decidableBy && decidableBy(filter.decidableBy),
    before: filter.before && [filter.before.requestedAt, filter.before.id],
    limit: filter.limit,
  })
  return (await db.query<ApprovalColumns>({ text: `${SELECT} ${tail}`, values })).map(toApproval)
}

/** The same rules that the workflow checks a decision by. */
function decidableBy({ principal, groups }: NonNullable<ApprovalFilter['decidableBy']>): Where {
  return (parameter) => {
    const person = `${parameter(principal)}::text`
    return [
      "status = 'pending'",
      `(approvers = '{}' or approvers && ${parameter(groups)}::text[])`,
      `not ((terms ->> 'excludeRequester')::boolean and requester = ${person})`,
      `not votes @> jsonb_build_array(jsonb_build_object('by', ${person}))`,
    ]
  }
}
