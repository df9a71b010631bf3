import type { ErrorCode } from './error-codes.ts'
import type { JsonObject } from './json.ts'
import type { RunId } from './run.ts'
import type { Effect } from './tool.ts'

export type ApprovalId = `apr_${string}`

export const APPROVAL_STATUSES = [
  'pending',
  'approved',
  'edited',
  'rejected',
  'responded',
  'expired',
  'cancelled',
] as const
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number]

/**
 * `approve` makes the call as it stands, `edit` with other arguments; `reject` tells the model no; `respond` gives the model a
 * person's answer in the tool's place.
 */
export const DECISIONS = ['approve', 'edit', 'reject', 'respond'] as const
export type DecisionKind = (typeof DECISIONS)[number]

/**
 * Why a person is asked: a rule of the policy wants it (`policy`), or a call that must not be repeated may or may not have
 * happened (`outcome_unknown`; approving it means "call again", rejecting it "leave it").
 */
export type ApprovalCause = 'policy' | 'outcome_unknown'

/** Who may decide: these people, and members of these groups. Nobody named means everybody who may decide approvals at all. */
export interface Approvers {
  readonly principals: readonly string[]
  readonly groups: readonly string[]
}

/** Who may decide, how many must agree, and what time does. Pinned in the plan under a name that rules refer to. */
export interface ApprovalTerms {
  /** Groups whose members may decide; none means everybody who may decide approvals at all. */
  readonly approvers: readonly string[]
  /** People who have to agree, each counted once. */
  readonly quorum: number
  /** True keeps the run's own principal from deciding. */
  readonly excludeRequester: boolean
  /** `ends`: one rejection is the end of it. `votes`: it takes as many as an approval does. */
  readonly rejection: 'ends' | 'votes'
  /** Decisions on offer. `edit` and `respond` are one person's words: terms with a larger quorum leave them out. */
  readonly decisions: readonly DecisionKind[]
  readonly timeoutMs: number
  /** `escalate` takes the next step of the escalation and waits anew; when there is none left, it rejects. */
  readonly onTimeout: 'reject' | 'escalate' | 'fail'
  /** After `afterMs` from the asking the groups in `to` may decide as well. */
  readonly escalation: readonly { readonly afterMs: number; readonly to: readonly string[] }[]
  /** A reminder goes out this often while it waits; 0 for none. */
  readonly remindEveryMs: number
}

/** One person's answer to one approval, bound to what it was shown. */
export interface ApprovalDecision {
  readonly approvalId: ApprovalId
  readonly decision: DecisionKind
  /** Of the arguments; for a call with facts, of arguments and facts together. */
  readonly argumentsSha256: string
  /** `edit`: the arguments to use instead, and their hash. */
  readonly arguments?: JsonObject
  readonly editedSha256?: string
  /** Told to the model: why not (`reject`), or the answer itself (`respond`). */
  readonly message?: string
  /** For the record only. */
  readonly comment?: string
  readonly by: string
  /** Groups of the person who decides; absent where there are none. */
  readonly groups?: readonly string[]
  /** The API's word for `by` and `groups`; without it a worker believes a decision only where it is told to. */
  readonly signature?: string
}

/**
 * Not `admitted`: nobody knows who it comes from. Not `usable`: an edit whose arguments do not fit their hash or the tool.
 * `problem`: why the approval is not to be decided so, as the store has it.
 */
export interface AdmittedDecision {
  readonly admitted: boolean
  readonly usable: boolean
  readonly problem?: ErrorCode
}

export interface Vote {
  readonly by: string
  readonly decision: DecisionKind
  readonly at: string
  readonly comment?: string
}

/** What became of an approval: enough votes, or time or the run's end in their place. */
export interface ApprovalOutcome {
  readonly status: Exclude<ApprovalStatus, 'pending'>
  readonly by: string
  readonly at: string
  readonly message?: string
  readonly comment?: string
}

/** An approval as the store keeps it and the inbox shows it. */
export interface Approval {
  readonly id: ApprovalId
  readonly runId: RunId
  /** The run that `runId` works for, which waits as well; null where it is nobody's sub-agent. */
  readonly parentRunId: RunId | null
  readonly tenant: string
  readonly agent: string
  /** The run's principal. */
  readonly requester: string
  readonly tool: string
  readonly effect: Effect
  readonly step: number
  readonly index: number
  readonly arguments: JsonObject
  readonly argumentsSha256: string
  /** What the tool looked up of the call before anybody was asked; null for a tool without facts. */
  readonly facts: JsonObject | null
  /** What a decision has to repeat: the hash of the arguments; with facts, of arguments and facts together. */
  readonly decisionSha256: string
  readonly cause: ApprovalCause
  /** Name of the rule that asked. */
  readonly rule: string
  readonly terms: ApprovalTerms
  /** Groups that may decide now: those of the call or the terms, and those it has been escalated to. */
  readonly approvers: readonly string[]
  /** People who may decide as well. With neither groups nor people named it is everybody who may decide approvals. */
  readonly principals: readonly string[]
  readonly votes: readonly Vote[]
  readonly status: ApprovalStatus
  readonly requestedAt: string
  readonly expiresAt: string
  readonly outcome: ApprovalOutcome | null
  /** What is called in place of `arguments`, where a person has changed them. */
  readonly edited: { readonly arguments: JsonObject; readonly argumentsSha256: string } | null
}

/** An approval, as far as it matters to who may decide it. */
export interface Decidable extends Pick<Approval, 'status' | 'requester' | 'approvers' | 'principals'> {
  readonly terms: Pick<ApprovalTerms, 'excludeRequester'>
  readonly votes: readonly Pick<Vote, 'by'>[]
}

/** Whoever wants to decide. */
export interface Person {
  readonly principal: string
  readonly groups: readonly string[]
}

/**
 * Why this person may not decide the approval now; null where they may. The workflow, the activities and the API all ask this; the
 * store's list of what somebody may decide says the same in SQL, and a test compares the two.
 */
export function whyMayNotDecide(
  { status, terms, requester, approvers, principals, votes }: Decidable,
  person: Person,
): 'already_decided' | 'requester_excluded' | 'not_an_approver' | 'already_voted' | null {
  if (status !== 'pending') return 'already_decided'
  if (terms.excludeRequester && requester === person.principal) return 'requester_excluded'
  if (!isAmong({ principals, groups: approvers }, person)) return 'not_an_approver'
  return votes.some(({ by }) => by === person.principal) ? 'already_voted' : null
}

export function isAmong(approvers: Approvers, { principal, groups }: Person): boolean {
  return (
    isEverybody(approvers) ||
    approvers.principals.includes(principal) ||
    groups.some((group) => approvers.groups.includes(group))
  )
}

export function isEverybody({ principals, groups }: Approvers): boolean {
  return principals.length === 0 && groups.length === 0
}

/** Who is asked first: those that the tool has named for the call; where it has named nobody, those of the terms. */
export function firstApprovers(
  { approvers }: Pick<ApprovalTerms, 'approvers'>,
  named?: Approvers,
): Approvers {
  return named === undefined || isEverybody(named) ? { principals: [], groups: approvers } : named
}

/** With those whom so many steps of the escalation have brought in. An approval that everybody may decide stays so. */
export function escalatedTo(
  first: Approvers,
  { escalation }: Pick<ApprovalTerms, 'escalation'>,
  steps: number,
): Approvers {
  if (isEverybody(first)) return first
  const groups = [...first.groups, ...escalation.slice(0, steps).flatMap(({ to }) => to)]
  return { ...first, groups: [...new Set(groups)] }
}
