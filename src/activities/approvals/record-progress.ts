import type { RecordProgressInput } from '../../contracts/approvals/approval-record.ts'
import { findBallot } from '../../store/approvals/admitted-votes.ts'
import { recordProgress } from '../../store/approvals/record-progress.ts'
import type { Db } from '../../store/database/database.ts'
import { storableText } from '../../store/database/postgres-text.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'

/**
 * Records new votes, and changed approvers or times, of an approval that waits.
 *
 * @throws Forged `not_decided` where a vote was not admitted
 */
export function createRecordProgress({
  database,
}: Pick<Dependencies, 'database'>): Held<'recordProgress'>['recordProgress'] {
  return async (input, { plan }) => {
    if (plan !== null && !(await areAdmitted(database, input))) throw new Forged('not_decided')
    await recordProgress(database, input)
  }
}

async function areAdmitted(db: Db, { run, approvalId, votes }: RecordProgressInput): Promise<boolean> {
  if (votes.length === 0) return true
  const ballot = await findBallot(db, { run, approvalId })
  return votes.every(({ by, decision }) =>
    ballot.votes.some((vote) => vote.by === storableText(by) && vote.decision === decision),
  )
}
