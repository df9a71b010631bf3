import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { activity } from '../proxies.ts'
import type { SignedSubmission } from '../state/admission-queue.ts'
import { checkBudgetChange } from '../state/check-budget-change.ts'
import { checkDecision, findCall } from '../state/check-decision.ts'
import type { RunState } from '../state/run-state.ts'

/** Why a signed submission can't be taken in as the run stands now; null where it can, if it comes from whom it says. */
export function checkSubmission(
  plan: RunPlan,
  run: RunIdentity,
  state: RunState,
  submission: SignedSubmission,
): ErrorCode | null {
  return submission.type === 'decision'
    ? checkDecision(plan, run, state, submission.decision)
    : checkBudgetChange(plan, run, state, submission.change)
}

/**
 * Asks an activity who a submission comes from, and checks it as the run stands when the answer is there.
 *
 * @returns what is against it; null where it counts
 */
export async function admit(
  plan: RunPlan,
  run: RunIdentity,
  current: () => RunState,
  submission: SignedSubmission,
  summary: string,
): Promise<ErrorCode | null> {
  // No local activity: of those that overlap, replay may see another order than the first time, and order decides here.
  if (submission.type === 'budget_change') {
    const { admitBudgetChange } = activity('admitBudgetChange', summary)
    const { admitted } = await admitBudgetChange({ run, change: submission.change })
    return admitted ? checkSubmission(plan, run, current(), submission) : 'decision_unsigned'
  }
  const { decision } = submission
  const tool = findCall(current(), decision.approvalId)?.tool ?? null
  // The store holds to what it admits, so that it is to keep only what can be taken in.
  const early = checkSubmission(plan, run, current(), submission)
  const { admitDecision } = activity('admitDecision', summary)
  const { admitted, usable, problem } = await admitDecision({
    run,
    decision,
    tool,
    ...(early !== null && { unfit: true as const }),
  })
  if (!admitted) return 'decision_unsigned'
  // Taken in, an edit that is not usable would turn others away as too late, and then come to nothing.
  const unusable = usable ? null : 'edited_arguments_invalid'
  return early ?? checkSubmission(plan, run, current(), submission) ?? problem ?? unusable
}
