import type {
  ApprovalCause,
  ApprovalDecision,
  ApprovalStatus,
  ApprovalTerms,
  DecisionKind,
} from '../../contracts/approval.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { OF_TENANT } from '../record/run-change.ts'

/** What a person has said, once it was believed. */
export interface AdmittedVote {
  readonly by: string
  readonly decision: DecisionKind
  readonly editedSha256: string | null
  readonly message: string | null
}

/** An approval with what is known of it beside its votes; null members where it is not on the record yet. */
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

/** Until the transaction ends nobody else admits a vote about any of the run's approvals. */
export async function lockBallots(tx: Db, run: RunIdentity): Promise<void> {
  await tx.query({
    name: 'lock_ballots',
    text: `select from runs where id = $1 and ${OF_TENANT} for no key update`,
    values: [run.runId, run.tenant],
  })
}

export async function findBallot(db: Db, { run, approvalId }: OfApproval): Promise<Ballot> {
  const [row] = await db.query<Ballot>({
    name: 'find_ballot',
    text: `
      select approval.status, approval.cause, approval.terms, coalesce(given.votes, '[]'::json) as votes
      from (
        select json_agg(
          json_build_object('by', by, 'decision', decision, 'editedSha256', edited_sha256, 'message', message) order by n
        )
        from admitted_votes where approval_id = $1 and run_id = $2
      ) as given (votes)
      left join approvals as approval on approval.id = $1 and approval.run_id = $2`,
    values: [approvalId, run.runId],
  })
  if (row === undefined) throw new Error('A query without a condition has given no row.')
  return row
}

/** Takes an edit out of the votes again, since it came to nothing: its author may decide anew, and so may others. */
export async function withdrawEdit(
  db: Db,
  { run, approvalId, by, editedSha256 }: OfApproval & { readonly by: string; readonly editedSha256: string },
): Promise<void> {
  await db.query({
    name: 'withdraw_edit',
    text: `
      delete from admitted_votes
      where run_id = $1 and ${OF_TENANT} and approval_id = $3 and by = $4 and edited_sha256 = $5`,
    values: [run.runId, run.tenant, approvalId, storableText(by), editedSha256],
  })
}

/** Keeps a person's first decision about an approval. */
export async function admitVote(
  db: Db,
  { run, decision }: { readonly run: RunIdentity; readonly decision: ApprovalDecision },
): Promise<void> {
  const { approvalId, by, argumentsSha256, editedSha256, message } = decision
  await db.query({
    name: 'admit_vote',
    text: `
      insert into admitted_votes
        (approval_id, run_id, tenant, by, decision, arguments_sha256, edited_sha256, message)
      select $3, id, tenant, $4, $5, $6, $7, $8 from runs where id = $1 and ${OF_TENANT}
      on conflict do nothing`,
    values: [
      run.runId,
      run.tenant,
      approvalId,
      storableText(by),
      decision.decision,
      argumentsSha256,
      decision.decision === 'edit' ? (editedSha256 ?? null) : null,
      storableText(message ?? null),
    ],
  })
}
