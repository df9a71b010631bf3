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
import { judge } from './approval-policy.ts'
import type { JsonObject } from './json.ts'
import type { PlannedTool, TightenedRule } from './tool.ts'

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

/** An approval that waits, as far as a decision depends on it. */
export interface WaitingApproval {
  /** What a decision has to repeat. */
  readonly decisionSha256: string
  readonly cause: ApprovalCause
  /** On which a person is asked, and their name in the plan. */
  readonly terms: ApprovalTerms
  readonly termsName: string
  /** Who may decide now. */
  readonly approvers: Approvers
  /** The run's principal. */
  readonly requester: string
  readonly voters: readonly string[]
  readonly tool: PlannedTool
  readonly tightened: readonly TightenedRule[]
  /** What was looked up of the call as an edit would have it; absent while it is not known, and for tools that look up nothing. */
  readonly edited?: EditedCall
}

export interface EditedCall {
  readonly facts: JsonObject | null
  /** Who might decide about it now, were it asked about in the place of the call; absent for a tool that names nobody. */
  readonly approvers?: Approvers
}

/** Why this person may not decide this, or not so; null where they may. The workflow and the store both ask it. */
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

/** An editor may change a call only within what the same people may approve. */
function checkEdit(
  { cause, tool, termsName, tightened, edited }: WaitingApproval,
  decision: ApprovalDecision,
): DecisionProblem | null {
  const { arguments: args, editedSha256 } = decision
  // What has perhaps been done already can be done again or left, not done differently.
  if (cause === 'outcome_unknown') return 'decision_not_allowed'
  if (args === undefined || editedSha256 === undefined) return 'edited_arguments_invalid'
  // Its facts are looked up before it is taken in, and then it is asked again.
  if (tool.facts && edited === undefined) return null
  const { verdict, terms } = judge(
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

/** What an approval becomes by a decision. */
export const OUTCOME_OF = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
  respond: 'responded',
} as const satisfies Record<DecisionKind, ApprovalStatus>

/** How many people have to say the same, until that is what becomes of the approval. */
export function votesNeeded({ rejection, quorum }: ApprovalTerms, decision: DecisionKind): number {
  return decision === 'reject' && rejection === 'ends' ? 1 : quorum
}
