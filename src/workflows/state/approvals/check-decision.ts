import type { ApprovalDecision } from '../../../contracts/approvals/approval.ts'
import { type DecisionProblem, findDecisionProblem } from '../../../contracts/approvals/decision-problem.ts'
import { plannedTool, termsOf } from '../../../contracts/runs/read-plan.ts'
import type { RunIdentity } from '../../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { FoundOfCall } from '../../../contracts/tools/look-up.ts'
import { hasEnded, type RunState } from '../run-state.ts'
import type { CallState } from '../tools/call-state.ts'
import { approversNow, editedCall } from './approval-state.ts'

export type DecisionRefusal = 'run_ended' | 'not_found' | DecisionProblem

export function findCall(state: RunState, approvalId: string): CallState | undefined {
  return state.calls.find(({ approval }) => approval?.id === approvalId)
}

/** Whether the approval is of a step that is over, and so has been decided: its id names the step. */
function isOfEarlierStep({ runId, step }: RunState, approvalId: string): boolean {
  const [, place] = approvalId.split(`apr_${runId.slice('run_'.length)}_`)
  return place !== undefined && Number.parseInt(place, 10) < step
}

/**
 * Why a decision can't be accepted now; null where it can. It is checked before it changes the state.
 *
 * @param found for an edit: facts and approvers of the call as edited
 */
export function checkDecision(
  plan: WorkflowPlan,
  run: Pick<RunIdentity, 'principal'>,
  state: RunState,
  decision: ApprovalDecision,
  found?: FoundOfCall,
): DecisionRefusal | null {
  const call = findCall(state, decision.approvalId)
  if (hasEnded(state)) return 'run_ended'
  if (call === undefined || call.approval === null) {
    return isOfEarlierStep(state, decision.approvalId) ? 'already_decided' : 'not_found'
  }
  const { approval, terms: termsName } = call
  const terms = termsOf(plan, termsName)
  if (approval.outcome !== null) return 'already_decided'
  return findDecisionProblem(
    {
      decisionSha256: call.found?.decisionSha256 ?? call.argumentsSha256,
      cause: approval.cause,
      terms,
      termsName,
      approvers: approversNow(approval),
      requester: run.principal,
      voters: approval.votes.map(({ by }) => by),
      tool: plannedTool(plan, call.tool),
      tightened: state.tightened,
      ...(found && { edited: editedCall(terms, approval, found) }),
    },
    decision,
  )
}
