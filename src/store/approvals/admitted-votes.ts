import type {
  ApprovalCause,
  ApprovalDecision,
  ApprovalStatus,
  ApprovalTerms,
  DecisionKind,
} from '../../contracts/approvals/approval.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { OF_TENANT } from '../record/change-run.ts'

/** A person's decision about an approval, admitted since it is signed or needs no signature. */
export interface AdmittedVote {
  readonly by: string
  readonly decision: DecisionKind
  readonly editedSha256: string | null
  readonly message: string | null
}

/** An approval with its admitted votes. `status`, `cause` and `terms` are null where the approval is not recorded yet. */
export interface Ballot {
  readonly status: ApprovalStatus | null
  readonly cause: ApprovalCause | null
  readonly terms: ApprovalTerms | null
  /** In the order in which they were admitted. */
  readonly votes: readonly AdmittedVote[]
}

interface OfApproval {
  readonly run: RunIdentity
  readonly approvalId: string
}

const LOCK = statement(
  'lock_ballots',
  `select from runs where id = :run_id and ${OF_TENANT} for no key update`,
)

const FIND = statement(
  'find_ballot',
  `
  select approval.status, approval.cause, approval.terms, coalesce(given.votes, '[]'::json) as votes
  from (
    select json_agg(
      json_build_object('by', by, 'decision', decision, 'editedSha256', edited_sha256, 'message', message) order by n
    )
    from admitted_votes where approval_id = :approval_id and run_id = :run_id
  ) as given (votes)
  left join approvals as approval on approval.id = :approval_id and approval.run_id = :run_id`,
)

const WITHDRAW_EDIT = statement(
  'withdraw_edit',
  `
  delete from admitted_votes
  where run_id = :run_id and ${OF_TENANT} and approval_id = :approval_id and by = :by and edited_sha256 = :edited_sha256`,
)

const ADMIT_VOTE = statement(
  'admit_vote',
  `
  insert into admitted_votes (approval_id, run_id, tenant, by, decision, arguments_sha256, edited_sha256, message)
  select :approval_id, id, tenant, :by, :decision, :arguments_sha256, :edited_sha256, :message
  from runs where id = :run_id and ${OF_TENANT}
  on conflict do nothing`,
)

/** Locks the run's row: until the transaction ends nobody else admits a vote about any of the run's approvals. */
export async function lockBallots(tx: Db, run: RunIdentity): Promise<void> {
  await tx.query(LOCK.with({ run_id: run.runId, tenant: run.tenant }))
}

export async function findBallot(db: Db, { run, approvalId }: OfApproval): Promise<Ballot> {
  const [row] = await db.query<Ballot>(FIND.with({ approval_id: approvalId, run_id: run.runId }))
  if (row === undefined) throw new Error('A query without a condition has given no row.')
  return row
}

/** Deletes the vote for an edit that turned out to be unusable: its author may decide again, and so may others. */
export async function withdrawEdit(
  db: Db,
  { run, approvalId, by, editedSha256 }: OfApproval & { readonly by: string; readonly editedSha256: string },
): Promise<void> {
  await db.query(
    WITHDRAW_EDIT.with({
      run_id: run.runId,
      tenant: run.tenant,
      approval_id: approvalId,
      by: storableText(by),
      edited_sha256: editedSha256,
    }),
  )
}

/** Stores a person's decision about an approval, unless they have decided about it before. */
export async function admitVote(
  db: Db,
  { run, decision }: { readonly run: RunIdentity; readonly decision: ApprovalDecision },
): Promise<void> {
  const { approvalId, by, argumentsSha256, editedSha256, message } = decision
  await db.query(
    ADMIT_VOTE.with({
      run_id: run.runId,
      tenant: run.tenant,
      approval_id: approvalId,
      by: storableText(by),
      decision: decision.decision,
      arguments_sha256: argumentsSha256,
      edited_sha256: decision.decision === 'edit' ? (editedSha256 ?? null) : null,
      message: storableText(message ?? null),
    }),
  )
}
