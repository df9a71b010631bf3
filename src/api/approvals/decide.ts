import type { FastifyBaseLogger } from 'fastify'
import type { Approval, ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { signDecision } from '../../security/decision-signature.ts'
import { findApproval } from '../../store/approvals/approvals.ts'
import { recordRefusal } from '../../store/approvals/record-refusal.ts'
import { findRun } from '../../store/runs/runs.ts'
import { actingFor } from '../access/acting.ts'
import type { Principal } from '../access/principal.ts'
import { recordIfActing } from '../access/record-if-acting.ts'
import type { ApiContext } from '../context.ts'
import { Problem, type ProblemItem } from '../http/problems/problem.ts'
import { endLostRun } from '../runs/end-lost-run.ts'
import { signalBound } from '../temporal/signal-bound.ts'
import type { DecisionBody } from './decision.schema.ts'
import { isRepeatedDecision } from './is-repeated-decision.ts'
import { precheckDecision } from './precheck-decision.ts'
import { waitForDecision } from './wait-for-decision.ts'

type Parts = Pick<ApiContext, 'app' | 'database' | 'workflows' | 'telemetry' | 'hub' | 'secret'>

interface Decided {
  /** As it is in the store; still pending where more votes are needed. */
  readonly approval: Approval
  /** False where no worker is up: the decision counts once a worker is up. */
  readonly counted: boolean
}

/**
 * Decides an approval in the name of the sender, or of the person that the body names, or casts one vote of several. The run's workflow judges the decision. The store is read
 * before, to refuse what the workflow certainly would, and after, for the result. A refusal is recorded in the run's events.
 *
 * @throws Problem not_found, run_ended, run_busy, unavailable, and every problem that a decision can have
 */
export async function decide(
  context: Parts,
  sender: Principal,
  approvalId: string,
  body: DecisionBody,
  logger: FastifyBaseLogger,
): Promise<Decided> {
  const { database, workflows, secret } = context
  const principal = actingFor(sender, body)
  const { tenant, id: by } = principal
  const before = await findApproval(database, tenant, approvalId)
  if (before === null) {
    logger.warn({ approvalId, tenant, by }, 'a decision about an approval that this tenant has not')
    throw new Problem('not_found')
  }
  if (isRepeatedDecision(before, body, by)) return { approval: before, counted: true }
  const refusal = precheckDecision(before, body, principal)
  if (refusal !== null) return refuse(context, before, by, refusal)

  // Without `requireRun`: the approval's terms say who decides, whoever owns the run.
  const run = await findRun(database, tenant, before.runId)
  if (run === null) throw new Problem('not_found')
  const decision = toDecision(before, body, principal)
  const signature = secret === null ? {} : { signature: signDecision(secret, run.id, decision) }
  await recordIfActing(database, run, principal, { approval_id: before.id })
  const bound = signalBound(database, run, by)
  const answer = await workflows.decide(run.workflowId, { ...decision, ...signature }, bound)
  // The workflow has not judged the decision, so there is no refusal to record.
  if (answer === 'run_busy') throw new Problem('run_busy')
  const approval = await waitForDecision(context, before, answer)
  if (answer === 'decided') return { approval, counted: true }
  if (isRepeatedDecision(approval, body, by)) return { approval, counted: true }
  if (approval.status !== 'pending') return refuse(context, before, by, 'already_decided')
  if (answer === 'sent') return { approval, counted: false }
  if (answer === 'edited_arguments_invalid')
    return refuse(context, before, by, answer, misfits(context, before, body))
  if (answer !== 'not_running') return refuse(context, before, by, answer)
  if ((await endLostRun(context, run)) === 'open') throw new Problem('unavailable')
  return refuse(context, before, by, 'run_ended')
}

async function refuse(
  { database }: Parts,
  { id, runId, tenant, requester }: Approval,
  by: string,
  code: ErrorCode,
  errors: readonly ProblemItem[] = [],
): Promise<never> {
  await recordRefusal(database, { run: { runId, tenant, principal: requester }, approvalId: id, by, code })
  throw new Problem(code, errors.length > 0 ? { errors } : {})
}

/** Where an edit does not fit the tool, as this build has it: that of the run may be another, which has judged the edit. */
function misfits({ app }: Parts, { tool }: Approval, { arguments: edited }: DecisionBody): ProblemItem[] {
  const at = app.tool(tool)?.invalidArguments(edited as JsonObject) ?? []
  return at.map((pointer) => ({
    pointer: `/arguments${pointer}`,
    detail: "Does not fit the tool's schema.",
  }))
}

function toDecision({ id }: Approval, body: DecisionBody, { id: by, groups }: Principal): ApprovalDecision {
  const { decision, arguments_sha256: argumentsSha256, message, comment } = body
  const edited = body.arguments as JsonObject | undefined
  return {
    approvalId: id,
    decision,
    argumentsSha256,
    by,
    groups,
    ...(edited !== undefined && { arguments: edited, editedSha256: canonicalSha256(edited) }),
    ...(message !== undefined && { message }),
    ...(comment !== undefined && { comment }),
  }
}
