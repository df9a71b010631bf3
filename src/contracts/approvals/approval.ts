import type { ErrorCode } from '../error-codes.ts'
import type { JsonObject } from '../json.ts'
import type { RunId } from '../runs/run.ts'
import type { Effect } from '../tools/tool.ts'

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

/** Who may decide: these people, and members of these groups. Without any names, everybody who may decide approvals at all. */
export interface Approvers {
  readonly principals: readonly string[]
  readonly groups: readonly string[]
}

/** Who may decide, how many must agree, and what happens over time. The plan has them under a name that rules refer to. */
export interface ApprovalTerms {
  /** Groups whose members may decide; without any, everybody who may decide approvals at all. */
  readonly approvers: readonly string[]
  /** Number of people who have to agree. */
  readonly quorum: number
  /** Whether the run's own principal may not decide. */
  readonly excludeRequester: boolean
  /** `ends`: one rejection rejects the call. `votes`: as many are needed as to approve it. */
  readonly rejection: 'ends' | 'votes'
  /** Decisions that are possible. Terms with a quorum above 1 leave out `edit` and `respond`, which are one person's words. */
  readonly decisions: readonly DecisionKind[]
  readonly timeoutMs: number
  /** `escalate` takes the next step of the escalation and waits once more; after the last step it rejects. */
  readonly onTimeout: 'reject' | 'escalate' | 'fail'
  /** `afterMs` after the request the groups in `to` may decide as well. */
  readonly escalation: readonly { readonly afterMs: number; readonly to: readonly string[] }[]
  /** Time between reminders while the approval waits; 0 for none. */
  readonly remindEveryMs: number
}

/** One person's answer to one approval, bound by hash to the arguments and facts that the person was shown. */
export interface ApprovalDecision {
  readonly approvalId: ApprovalId
  readonly decision: DecisionKind
  /** Hash of the call's arguments; for a call with facts, of arguments and facts together. */
  readonly argumentsSha256: string
  /** `edit`: the arguments to use instead, and their hash. */
  readonly arguments?: JsonObject
  readonly editedSha256?: string
  /** Text for the model: the reason (`reject`), or the answer itself (`respond`). */
  readonly message?: string
  /** For the record alone; the model does not read it. */
  readonly comment?: string
  readonly by: string
  /** Groups of the person who decides; absent where there are none. */
  readonly groups?: readonly string[]
  /** The API's signature. A worker accepts a decision without one only where its configuration allows that. */
  readonly signature?: string
}

/**
 * Not `admitted`: the author is not verified. Not `usable`: an edit whose arguments do not match their hash or don't fit the tool.
 * `problem`: why the decision does not fit the approval in the store.
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

/** The outcome of an approval: by enough votes, by time, or by the run's end. */
export interface ApprovalOutcome {
  readonly status: Exclude<ApprovalStatus, 'pending'>
  readonly by: string
  readonly at: string
  readonly message?: string
  readonly comment?: string
}

/** An approval as the store has it and the inbox shows it. */
export interface Approval {
  readonly id: ApprovalId
  readonly runId: RunId
  /** The run that `runId` is a sub-agent of, which waits as well; null where it is none. */
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
  /** Facts of the call that the tool looked up before anybody was asked; null for a tool without facts. */
  readonly facts: JsonObject | null
  /** The hash that a decision has to name: of the arguments; with facts, of arguments and facts together. */
  readonly decisionSha256: string
  readonly cause: ApprovalCause
  /** Name of the rule by which a person is asked. */
  readonly rule: string
  readonly terms: ApprovalTerms
  /** Groups that may decide now: those of the call or the terms, and those of the escalation so far. */
  readonly approvers: readonly string[]
  /** People who may decide as well. Without groups and people, everybody who may decide approvals may. */
  readonly principals: readonly string[]
  readonly votes: readonly Vote[]
  readonly status: ApprovalStatus
  readonly requestedAt: string
  readonly expiresAt: string
  readonly outcome: ApprovalOutcome | null
  /** The arguments that replace `arguments` after an edit; null without one. */
  readonly edited: { readonly arguments: JsonObject; readonly argumentsSha256: string } | null
}

/** The parts of an approval on which it depends who may decide it. */
export interface Decidable extends Pick<Approval, 'status' | 'requester' | 'approvers' | 'principals'> {
  readonly terms: Pick<ApprovalTerms, 'excludeRequester'>
  readonly votes: readonly Pick<Vote, 'by'>[]
}

/** A person who wants to decide. */
export interface Person {
  readonly principal: string
  readonly groups: readonly string[]
}

/**
 * Why this person may not decide the approval now; null where they may. The workflow, the activities and the API use it. The store's list
 * of approvals that a person may decide has the same rule in SQL, and a test compares the two.
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

/** The approvers before any escalation: those that the tool has named for the call, or else those of the terms. */
export function firstApprovers(
  { approvers }: Pick<ApprovalTerms, 'approvers'>,
  named?: Approvers,
): Approvers {
  return named === undefined || isEverybody(named) ? { principals: [], groups: approvers } : named
}

/** The approvers after a number of steps of the escalation. An approval that everybody may decide stays so. */
export function escalatedTo(
  first: Approvers,
  { escalation }: Pick<ApprovalTerms, 'escalation'>,
  steps: number,
): Approvers {
  if (isEverybody(first)) return first
  const groups = [...first.groups, ...escalation.slice(0, steps).flatMap(({ to }) => to)]
  return { ...first, groups: [...new Set(groups)] }
}
