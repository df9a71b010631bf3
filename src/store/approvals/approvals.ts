import type { Approval, ApprovalStatus, Person } from '../../contracts/approvals/approval.ts'
import type { Db } from '../database/database.ts'
import { equalTo, type Filter, newestFirst } from '../database/page.ts'
import { statement, unprepared } from '../database/statement.ts'
import { APPROVAL_COLUMNS, type ApprovalColumns, toApproval } from './approval-row.ts'

const SELECT = `select ${APPROVAL_COLUMNS} from approvals`

/** Whether a person is among the approvers, as `isAmong` of the contract says it. Takes `:person`, `:groups`. */
const IS_AMONG = `(approvers = '{}' and principals = '{}' or approvers && :groups::text[] or :person::text = any (principals))`

/** Whether a person has voted. Takes `:person`. */
const HAS_VOTED = `votes @> jsonb_build_array(jsonb_build_object('by', :person::text))`

const FIND = statement('find_approval', `${SELECT} where id = :approval_id and tenant = :tenant`)

/**
 * Whether a person is an approver of a run, or has voted in it. Takes `:tenant`, `:person`, `:groups`.
 *
 * @param runId in SQL
 */
export const isApproverOf = (runId: string): string => `exists (
    select from approvals
    where approvals.tenant = :tenant and (approvals.run_id = ${runId} or parent_run_id = ${runId}) and (${IS_AMONG} or ${HAS_VOTED})
  )`

const IS_APPROVER_OF_RUN = statement('is_approver_of_run', `select ${isApproverOf(':run_id')} as found`)

export interface ApprovalFilter {
  readonly tenant: string
  readonly status?: ApprovalStatus
  readonly agent?: string
  readonly runId?: string
  /** The principal that the run acts for. */
  readonly requester?: string
  /** Only approvals that wait and that this person may decide: they are an approver, no excluded requester, and have not voted. */
  readonly decidableBy?: Person
  readonly limit: number
  /** The last approval of the page before. */
  readonly before?: { readonly requestedAt: string; readonly id: string }
}

export async function findApproval(db: Db, tenant: string, id: string): Promise<Approval | null> {
  const [row] = await db.query<ApprovalColumns>(FIND.with({ approval_id: id, tenant }))
  return row ? toApproval(row) : null
}

/** Whether the run or a sub-agent of it has an approval, open or decided, that this person is an approver of or has voted on. */
export async function isApproverOfRun(
  db: Db,
  tenant: string,
  runId: string,
  { principal, groups }: Person,
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    IS_APPROVER_OF_RUN.with({ tenant, run_id: runId, person: principal, groups }),
  )
  return row?.found ?? false
}

/** Newest first. */
export async function listApprovals(db: Db, filter: ApprovalFilter): Promise<Approval[]> {
  const equal = equalTo({
    tenant: filter.tenant,
    status: filter.status,
    agent: filter.agent,
    run_id: filter.runId,
    requester: filter.requester,
  })
  const { where, order, values } = newestFirst({
    timeColumn: 'requested_at',
    filters: filter.decidableBy ? [equal, decidableBy(filter.decidableBy)] : [equal],
    before: filter.before && [filter.before.requestedAt, filter.before.id],
  })
  const list = unprepared(`${SELECT} where ${where} order by ${order} limit :limit`)
  return (await db.query<ApprovalColumns>(list.with({ ...values, limit: filter.limit }))).map(toApproval)
}

/** As `whyMayNotDecide` says it: a test compares the two. */
function decidableBy({ principal, groups }: Person): Filter {
  return {
    conditions: [
      "status = 'pending'",
      IS_AMONG,
      `not ((terms ->> 'excludeRequester')::boolean and requester = :person::text)`,
      `not ${HAS_VOTED}`,
    ],
    values: { person: principal, groups },
  }
}
