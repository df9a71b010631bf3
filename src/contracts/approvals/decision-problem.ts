import type { JsonObject } from '../json.ts'
import type { PlannedTool, TightenedRule } from '../tools/tool.ts'
import {
  type ApprovalCause,
  type ApprovalDecision,
  type ApprovalStatus,
  type ApprovalTerms,
  type Approvers,
  type DecisionKind,
  isAmong,
  whyMayNotDecide,
} from './approval.ts'
import { applyPolicy } from './approval-policy.ts'

/** Why a decision does not fit the approval that it is about. */
export type DecisionProblem =
  | 'stale'
  | 'decision_not_allowed'
  | 'edited_arguments_invalid'
  | 'edit_beyond_policy'
  | 'requester_excluded'
  | 'not_an_approver'
  | 'already_decided'
  | 'already_voted'

/** The parts of a waiting approval that a decision depends on. */
export interface WaitingApproval {
  /** The hash that a decision has to name. */
  readonly decisionSha256: string
  readonly cause: ApprovalCause
  readonly terms: ApprovalTerms
  /** Name of the terms in the plan. */
  readonly termsName: string
  /** Who may decide now. */
  readonly approvers: Approvers
  /** The run's principal. */
  readonly requester: string
  readonly voters: readonly string[]
  readonly tool: PlannedTool
  readonly tightened: readonly TightenedRule[]
  /** Facts and approvers of the call as edited; absent before they are looked up, and for tools that look up nothing. */
  readonly edited?: EditedCall
}

export interface EditedCall {
  readonly facts: JsonObject | null
  /** Who would have to approve this call now had the model made it; absent for a tool that names nobody. */
  readonly approvers?: Approvers
}

/** Why the decision is refused; null where it fits. The workflow and the store both ask this. */
export function findDecisionProblem(
  approval: WaitingApproval,
  decision: ApprovalDecision,
): DecisionProblem | null {
  const { terms, requester } = approval
  const { principals, groups: approvers } = approval.approvers
  if (approval.decisionSha256 !== decision.argumentsSha256) return 'stale'
  const votes = approval.voters.map((by) => ({ by }))
  const waiting = { status: 'pending', terms, requester, approvers, principals, votes } as const
  const problem = whyMayNotDecide(waiting, personOf(decision))
  if (problem !== null) return problem
  if (!terms.decisions.includes(decision.decision)) return 'decision_not_allowed'
  if (decision.decision === 'edit') return checkEdit(approval, decision)
  return decision.decision === 'respond' && !decision.message ? 'decision_not_allowed' : null
}

function personOf({ by, groups = [] }: ApprovalDecision) {
  return { principal: by, groups }
}

/** Why an edit is refused; null where it fits. The policy must allow the edited call, or let the same people approve it. */
function checkEdit(
  { cause, tool, termsName, tightened, edited }: WaitingApproval,
  decision: ApprovalDecision,
): DecisionProblem | null {
  const { arguments: args, editedSha256 } = decision
  // A call that may have been made already can be repeated or left, but not changed.
  if (cause === 'outcome_unknown') return 'decision_not_allowed'
  if (args === undefined || editedSha256 === undefined) return 'edited_arguments_invalid'
  // The facts of the edited call are looked up first, and then this is asked again.
  if (tool.facts && edited === undefined) return null
  const { verdict, terms } = applyPolicy(
    tool,
    { arguments: args, ...(edited && { facts: edited.facts }) },
    tightened,
  )
  const beyond = verdict === 'deny' || (verdict === 'ask' && terms !== termsName)
  if (beyond) return edited === undefined ? 'decision_not_allowed' : 'edit_beyond_policy'
  const asksOthers =
    verdict === 'ask' && edited?.approvers !== undefined && !isAmong(edited.approvers, personOf(decision))
  return asksOthers ? 'edit_beyond_policy' : null
}

/** The status of an approval after each decision. */
export const OUTCOME_OF = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
  respond: 'responded',
} as const satisfies Record<DecisionKind, ApprovalStatus>

/** Number of people who have to make the same decision before it counts. */
export function votesNeeded({ rejection, quorum }: ApprovalTerms, decision: DecisionKind): number {
  return decision === 'reject' && rejection === 'ends' ? 1 : quorum
}
