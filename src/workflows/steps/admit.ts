import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { type CallLookUp, type FoundOfCall, needsLookUp } from '../../contracts/tools/look-up.ts'
import { activity } from '../proxies.ts'
import type { SignedSubmission } from '../state/admission-queue.ts'
import { checkDecision, findCall } from '../state/approvals/check-decision.ts'
import { checkBudgetChange } from '../state/budgets/check-budget-change.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

/** Why a signed submission would be refused as the run stands now, its signature apart; null where nothing is against it. */
export function checkSubmission(
  plan: WorkflowPlan,
  run: RunIdentity,
  state: RunState,
  submission: SignedSubmission,
): ErrorCode | null {
  return submission.type === 'decision'
    ? checkDecision(plan, run, state, submission.decision)
    : checkBudgetChange(plan, run, state, submission.change)
}

type Admission = Omit<Extract<Occurrence, { type: 'admission' }>, 'type'>

/** Has an activity verify a submission's author, and checks the submission as the run stands after that. */
export async function admit(
  plan: WorkflowPlan,
  run: RunIdentity,
  current: () => RunState,
  submission: SignedSubmission,
  summary: string,
): Promise<Admission> {
  // No local activities: replay may see overlapping ones end in another order, and the order of decisions and changes matters.
  if (submission.type === 'budget_change') {
    const { admitBudgetChange } = activity('admitBudgetChange', summary)
    const { admitted } = await admitBudgetChange({ run, change: submission.change })
    return { problem: admitted ? checkSubmission(plan, run, current(), submission) : 'decision_unsigned' }
  }
  const { decision } = submission
  const tool = findCall(current(), decision.approvalId)?.tool ?? null
  const check = (found?: FoundOfCall) => checkDecision(plan, run, current(), decision, found)
  const place = check() === null ? editToLookUp(plan, current(), decision) : null
  // No `await` where nothing is to be looked up: it would change the order of commands in the histories of older runs.
  const lookUp = place === null ? null : await lookUpEdit(run, place, decision)
  if (lookUp !== null && 'failed' in lookUp) return { problem: lookUp.failed }
  const found = lookUp?.found
  // The store keeps an admitted decision for good, so it must be told which decisions the run can't accept.
  const early = check(found)
  const { admitDecision } = activity('admitDecision', summary)
  const { admitted, usable, problem } = await admitDecision({
    run,
    decision,
    tool,
    ...(early !== null && { unfit: true as const }),
  })
  if (!admitted) return { problem: 'decision_unsigned' }
  // An unusable edit is refused here. If it were accepted, later decisions would be refused as `already_decided`, although the edit is
  // voided when it is recorded.
  const unusable = usable ? null : 'edited_arguments_invalid'
  return { problem: early ?? check(found) ?? problem ?? unusable, ...(found && { found }) }
}

/** The place of the call that an edit is about, where its facts or approvers have to be looked up before the edit can count. */
function editToLookUp(plan: WorkflowPlan, state: RunState, { approvalId, decision }: ApprovalDecision) {
  const call = findCall(state, approvalId)
  if (decision !== 'edit' || call === undefined || !needsLookUp(plannedTool(plan, call.tool))) return null
  return { step: state.step, index: call.index }
}

function lookUpEdit(
  run: RunIdentity,
  place: { readonly step: number; readonly index: number },
  decision: ApprovalDecision,
): Promise<CallLookUp> {
  return activity('lookUpCall', 'the call as edited').lookUpCall({ run, ...place, decision })
}
