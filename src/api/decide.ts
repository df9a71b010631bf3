import type { Approval, ApprovalDecision } from '../contracts/approval.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'
import { findApproval } from '../store/approvals.ts'
import type { ApiContext } from './api-context.ts'
import type { Principal } from './plugins/principal.ts'
import { Problem } from './problem.ts'
import { requireRun } from './require-run.ts'
import type { DecisionBody } from './schemas/approval.schema.ts'
import type { DecisionAnswer } from './send-decision.ts'
import { waitForDecision } from './wait-for-decision.ts'

const STATUS_OF = { approve: 'approved', reject: 'rejected' } as const

/** What a caller is told where the run refuses and the store still says that the approval waits. */
const REFUSED: Partial<Record<DecisionAnswer, ErrorCode>> = {
  not_running: 'run_ended',
  already_decided: 'already_decided',
  stale: 'stale',
  not_found: 'not_found',
}

/**
 * Decides an approval in the principal's name. The run itself is the judge; the store is asked before, to spare it what is
 * clear already, and after, for what was decided.
 *
 * @returns the decided approval, or the pending one where no worker is up: the decision counts once one is
 * @throws Problem not_found, stale, already_decided, run_ended, unavailable
 */
export async function decide(
  context: Pick<ApiContext, 'database' | 'workflows' | 'hub'>,
  { tenant, id: by }: Principal,
  approvalId: string,
  body: DecisionBody,
): Promise<Approval> {
  const { database, workflows } = context
  const before = await findApproval(database, tenant, approvalId)
  if (before === null) throw new Problem('not_found')
  if (before.status !== 'pending') return sameOrRefused(before, body, by)
  if (before.argumentsSha256 !== body.arguments_sha256) throw new Problem('stale')

  const run = await requireRun(database, tenant, before.runId)
  const answer = await workflows.decide(run.workflowId, toDecision(before, body, by))
  const after = await waitForDecision(context, before, answer)
  if (after.status !== 'pending') return sameOrRefused(after, body, by)
  const refusal = REFUSED[answer]
  if (refusal !== undefined) throw new Problem(refusal)
  return after
}

/** A decision that is repeated, since its answer was lost say, is answered like the first time. */
function sameOrRefused(decided: Approval, body: DecisionBody, by: string): Approval {
  const same =
    decided.status === STATUS_OF[body.decision] &&
    decided.outcome?.by === by &&
    decided.argumentsSha256 === body.arguments_sha256
  if (!same) throw new Problem('already_decided')
  return decided
}

function toDecision(approval: Approval, body: DecisionBody, by: string): ApprovalDecision {
  return {
    approvalId: approval.id,
    decision: body.decision,
    argumentsSha256: body.arguments_sha256,
    by,
    ...(body.message !== undefined && { message: body.message }),
    ...(body.comment !== undefined && { comment: body.comment }),
  }
}
