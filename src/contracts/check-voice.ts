import type {
  ApprovalCause,
  ApprovalDecision,
  ApprovalStatus,
  ApprovalTerms,
  DecisionKind,
} from './approval.ts'
import { judge } from './approval-policy.ts'
import type { PlannedTool, TightenedRule } from './tool.ts'

/** Why a decision does not fit the approval that it is about. */
export type VoiceProblem =
  | 'stale'
  | 'decision_not_allowed'
  | 'edited_arguments_invalid'
  | 'requester_excluded'
  | 'not_an_approver'
  | 'already_voted'

/** An approval that waits, as far as a decision depends on it. */
export interface WaitingApproval {
  readonly argumentsSha256: string
  readonly cause: ApprovalCause
  /** On which a person is asked, and their name in the plan. */
  readonly terms: ApprovalTerms
  readonly termsName: string
  /** Groups that may decide now; none means everybody. */
  readonly approvers: readonly string[]
  /** The run's principal. */
  readonly requester: string
  readonly voters: readonly string[]
  readonly tool: PlannedTool
  readonly tightened: readonly TightenedRule[]
}

/** Why this person may not decide this, or not so; null where they may. The workflow and the store both ask it. */
export function precheckDecision(approval: WaitingApproval, decision: ApprovalDecision): VoiceProblem | null {
  const { terms, approvers, requester, voters } = approval
  if (approval.argumentsSha256 !== decision.argumentsSha256) return 'stale'
  if (terms.excludeRequester && decision.by === requester) return 'requester_excluded'
  if (approvers.length > 0 && !decision.groups?.some((group) => approvers.includes(group))) {
    return 'not_an_approver'
  }
  if (voters.includes(decision.by)) return 'already_voted'
  if (!terms.decisions.includes(decision.decision)) return 'decision_not_allowed'
  if (decision.decision === 'edit') return checkEdit(approval, decision)
  return decision.decision === 'respond' && !decision.message ? 'decision_not_allowed' : null
}

/** An editor may change a call only within what the same people may approve. */
function checkEdit(
  { cause, tool, termsName, tightened }: WaitingApproval,
  { arguments: args, editedSha256 }: ApprovalDecision,
): VoiceProblem | null {
  // What has perhaps been done already can be done again or left, not done differently.
  if (cause === 'outcome_unknown') return 'decision_not_allowed'
  if (args === undefined || editedSha256 === undefined) return 'edited_arguments_invalid'
  const { verdict, terms } = judge(tool, { arguments: args }, tightened)
  const beyond = verdict === 'deny' || (verdict === 'ask' && terms !== termsName)
  return beyond ? 'decision_not_allowed' : null
}

/** What an approval becomes by a decision. */
export const OUTCOME_OF = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
  respond: 'responded',
} as const satisfies Record<DecisionKind, ApprovalStatus>

/** How many people have to say the same, until that is what becomes of the approval. */
export function voicesNeeded({ rejection, quorum }: ApprovalTerms, decision: DecisionKind): number {
  return decision === 'reject' && rejection === 'ends' ? 1 : quorum
}
