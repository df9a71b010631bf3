import type { ApprovalDecision } from '../../contracts/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { type CallLookUp, type FoundOfCall, needsLookUp } from '../../contracts/look-up.ts'
import { plannedTool } from '../../contracts/read-plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { activity } from '../proxies.ts'
import type { SignedSubmission } from '../state/admission-queue.ts'
import { checkDecision, findCall } from '../state/approvals/check-decision.ts'
import { checkBudgetChange } from '../state/budgets/check-budget-change.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

/** Why a signed submission can't be taken in as the run stands now; null where it can, if it comes from whom it says. */
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

/** Asks an activity who a submission comes from, and checks it as the run stands when the answer is there. */
export async function admit(
  plan: WorkflowPlan,
  run: RunIdentity,
  current: () => RunState,
  submission: SignedSubmission,
  summary: string,
): Promise<Admission> {
  // No local activity: of those that overlap, replay may see another order than the first time, and order decides here.
  if (submission.type === 'budget_change') {
    const { admitBudgetChange } = activity('admitBudgetChange', summary)
    const { admitted } = await admitBudgetChange({ run, change: submission.change })
    return { problem: admitted ? checkSubmission(plan, run, current(), submission) : 'decision_unsigned' }
  }
  const { decision } = submission
  const tool = findCall(current(), decision.approvalId)?.tool ?? null
  const check = (found?: FoundOfCall) => checkDecision(plan, run, current(), decision, found)
  const place = check() === null ? editToLookUp(plan, current(), decision) : null
  // Only where there is something to look up: a further `await` would change the order of what older runs ask for.
  const looked = place === null ? null : await lookUpEdit(run, place, decision)
  if (looked !== null && 'failed' in looked) return { problem: looked.failed }
  const found = looked?.found
  // The store holds to what it admits, so that it is to keep only what can be taken in.
  const early = check(found)
  const { admitDecision } = activity('admitDecision', summary)
  const { admitted, usable, problem } = await admitDecision({
    run,
    decision,
    tool,
    ...(early !== null && { unfit: true as const }),
  })
  if (!admitted) return { problem: 'decision_unsigned' }
  // Taken in, an edit that is not usable would turn others away as too late, and then come to nothing.
  const unusable = usable ? null : 'edited_arguments_invalid'
  return { problem: early ?? check(found) ?? problem ?? unusable, ...(found && { found }) }
}

/** Where the call of an edit stands, if something has to be known of it before anybody can say whether the edit counts. */
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
