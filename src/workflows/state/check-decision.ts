import type { ApprovalDecision } from '../../contracts/approval.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { judge } from './approval-policy.ts'
import { termsOf } from './approval-state.ts'
import { plannedTool } from './planned-tool.ts'
import type { CallState, RunState } from './run-state.ts'

export type DecisionProblem =
  | 'run_ended'
  | 'not_found'
  | 'already_decided'
  | 'stale'
  | 'decision_not_allowed'
  | 'edited_arguments_invalid'
  | 'requester_excluded'
  | 'not_an_approver'
  | 'already_voted'

export function findCall(state: RunState, approvalId: string): CallState | undefined {
  return state.calls.find(({ approval }) => approval?.id === approvalId)
}

/** A step is over when each of its approvals has been decided. Their ids name it. */
function isOfEarlierStep({ runId, step }: RunState, approvalId: string): boolean {
  const [, of] = approvalId.split(`apr_${runId.slice('run_'.length)}_`)
  return of !== undefined && Number.parseInt(of, 10) < step
}

/** Why a decision can't be accepted now; null where it can. Asked before anything of it reaches the state. */
export function checkDecision(
  plan: RunPlan,
  run: Pick<RunIdentity, 'principal'>,
  state: RunState,
  decision: ApprovalDecision,
): DecisionProblem | null {
  const call = findCall(state, decision.approvalId)
  if (state.ending !== null || state.phase === 'closed') return 'run_ended'
  if (call === undefined || call.approval === null) {
    return isOfEarlierStep(state, decision.approvalId) ? 'already_decided' : 'not_found'
  }
  const { approval } = call
  if (approval.outcome !== null) return 'already_decided'
  if (call.argumentsSha256 !== decision.argumentsSha256) return 'stale'
  const terms = termsOf(plan, call.terms)
  if (terms.excludeRequester && decision.by === run.principal) return 'requester_excluded'
  if (
    approval.approvers.length > 0 &&
    !decision.groups?.some((group) => approval.approvers.includes(group))
  ) {
    return 'not_an_approver'
  }
  if (approval.votes.some(({ by }) => by === decision.by)) return 'already_voted'
  if (!terms.decisions.includes(decision.decision)) return 'decision_not_allowed'
  if (decision.decision === 'edit') return checkEdit(plan, state, call, decision)
  return decision.decision === 'respond' && !decision.message ? 'decision_not_allowed' : null
}

/** An editor may change a call only within what the same people may approve. */
function checkEdit(
  plan: RunPlan,
  state: RunState,
  call: CallState,
  { arguments: args, editedSha256 }: ApprovalDecision,
): DecisionProblem | null {
  // What has perhaps been done already can be done again or left, not done differently.
  if (call.approval?.cause === 'outcome_unknown') return 'decision_not_allowed'
  if (args === undefined || editedSha256 === undefined) return 'edited_arguments_invalid'
  const { verdict, terms } = judge(plannedTool(plan, call.tool), { arguments: args }, state.tightened)
  const beyond = verdict === 'deny' || (verdict === 'ask' && terms !== call.terms)
  return beyond ? 'decision_not_allowed' : null
}
