import type { Approval, ApprovalStatus, Person } from '../../contracts/approval.ts'
import type { Db } from '../database/database.ts'
import { newestFirst, type Where } from '../database/page.ts'
import { APPROVAL_COLUMNS, type ApprovalColumns, toApproval } from './approval-row.ts'

const SELECT = `select ${APPROVAL_COLUMNS} from approvals`

export interface ApprovalFilter {
  readonly tenant: string
  readonly status?: ApprovalStatus
  readonly agent?: string
  readonly runId?: string
  /** The principal that the run acts for. */
  readonly requester?: string
  /** Only what this person may decide now: it waits, they are among its approvers, not kept out, and have not voted. */
  readonly decidableBy?: Person
  readonly limit: number
  /** The last approval of the page before. */
  readonly before?: { readonly requestedAt: string; readonly id: string }
}

export async function findApproval(db: Db, tenant: string, id: string): Promise<Approval | null> {
  const text = `${SELECT} where id = $1 and tenant = $2`
  const [row] = await db.query<ApprovalColumns>({ name: 'find_approval', text, values: [id, tenant] })
  return row ? toApproval(row) : null
}

/**
 * Whether an approval of the run, or of a sub-agent of it, is one that this person may decide or has voted on, whatever has
 * become of it since.
 */
export async function isApproverOfRun(
  db: Db,
  tenant: string,
  runId: string,
  { principal, groups }: Person,
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>({
    name: 'is_approver_of_run',
    text: `
      select exists (
        select from approvals
        where tenant = $1 and (run_id = $2 or parent_run_id = $2)
          and (${isAmong('$3::text', '$4::text[]')} or votes @> jsonb_build_array(jsonb_build_object('by', $3::text)))
      ) as found`,
    values: [tenant, runId, principal, groups],
  })
  return row?.found ?? false
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
      ['requester', filter.requester],
    ],
    where: filter.decidableBy && decidableBy(filter.decidableBy),
    before: filter.before && [filter.before.requestedAt, filter.before.id],
    limit: filter.limit,
  })
  return (await db.query<ApprovalColumns>({ text: `${SELECT} ${tail}`, values })).map(toApproval)
}

/** As {@link isAmong} of the contract says it. Takes SQL for the person's name and groups. */
function isAmong(person: string, groups: string): string {
  return `(approvers = '{}' and principals = '{}' or approvers && ${groups} or ${person} = any (principals))`
}

/** As `whyMayNotDecide` says it: a test compares the two. */
function decidableBy({ principal, groups }: Person): Where {
  return (parameter) => {
    const person = `${parameter(principal)}::text`
    return [
      "status = 'pending'",
      isAmong(person, `${parameter(groups)}::text[]`),
      `not ((terms ->> 'excludeRequester')::boolean and requester = ${person})`,
      `not votes @> jsonb_build_array(jsonb_build_object('by', ${person}))`,
    ]
  }
}
