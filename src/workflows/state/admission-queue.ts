import type { ApprovalDecision, ApprovalStatus } from '../../contracts/approvals/approval.ts'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { teamOf } from '../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import { hasEnded, type RunState } from './run-state.ts'

/** A message to the run that waits for its turn. `key` is the digest of the whole message, by which a repeated one is recognised. */
export type Submission =
  | { readonly type: 'message'; readonly id: string }
  | { readonly type: 'tightening'; readonly rule: TightenedRule }
  | { readonly type: 'decision'; readonly key: string; readonly decision: ApprovalDecision }
  | { readonly type: 'budget_change'; readonly key: string; readonly change: BudgetChange }

/** A submission whose author only an activity can verify, by its signature. */
export type SignedSubmission = Extract<Submission, { readonly key: string }>

/** The answer to a signed submission. */
export interface Answer {
  readonly key: string
  /** Why it was refused; null where it counts. */
  readonly problem: ErrorCode | null
  /** The approval's status after a decision that counts. */
  readonly status?: ApprovalStatus
}

/** A refused decision, to be put on the record. */
export interface Refusal {
  readonly approvalId: string
  readonly by: string
  readonly code: ErrorCode
}

/**
 * The run's one queue. Submissions of all kinds are taken in the order of history: the next one is looked at when those ahead of
 * it have been taken or refused.
 */
export interface AdmissionQueue {
  /** Oldest first. */
  readonly waiting: readonly Submission[]
  /** Characters of `waiting`, as {@link sizeOf} counts them. */
  readonly waitingCharacters: number
  /** An activity is checking the first submission. */
  readonly admitting: boolean
  /** How many of `waiting` are still answered before a hand-over that is due, since updates wait for their answers. */
  readonly beforeHandOver: number
  /** Answers to the last signed submissions, oldest first. */
  readonly answers: readonly Answer[]
  /** Refusals that still have to be put on the record, oldest first. */
  readonly refusals: readonly Refusal[]
  /** Number of refusals so far, on the record or in `refusals`. */
  readonly refused: number
  /** Submissions dropped so far, because the queue was full or they name no tool of the run. */
  readonly dropped: number
  /** How many of `dropped` the record has. */
  readonly droppedRecorded: number
  /** Refusals and drops are being put on the record. */
  readonly recording: boolean
}

export const EMPTY_QUEUE: AdmissionQueue = {
  waiting: [],
  waitingCharacters: 0,
  admitting: false,
  beforeHandOver: 0,
  answers: [],
  refusals: [],
  refused: 0,
  dropped: 0,
  droppedRecorded: 0,
  recording: false,
}

/*
 * Bounds that keep the state far below the 2 MiB that Temporal allows an execution to hand over. Never changed: runs replay by
 * them.
 */
export const QUEUE_BOUNDS = {
  waiting: 200,
  waitingCharacters: 300_000,
  answers: 600,
  refused: 500,
  /** Room kept for updates behind any flood of signals: as many as Temporal lets wait for one workflow. */
  updates: 10,
  /** Messages that no model has been shown yet. The API accepts fewer. */
  inbox: 500,
} as const

/** Problems that a repeated message has again. Other problems may pass: an escalation can make its author an approver. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set(['decision_unsigned', 'edited_arguments_invalid'])

export function answerTo({ queue }: RunState, key: string): Answer | undefined {
  return queue.answers.findLast((answer) => answer.key === key)
}

/** @param isAwaited it came as an update, whose sender waits for the answer */
export function isFull({ queue }: RunState, more: Submission, isAwaited: boolean): boolean {
  const { waiting, waitingCharacters, updates } = QUEUE_BOUNDS
  return (
    queue.waiting.length >= waiting + (isAwaited ? updates : 0) ||
    queue.waitingCharacters + sizeOf(more) > waitingCharacters * (isAwaited ? 2 : 1)
  )
}

/**
 * Puts a submission at the end of the queue.
 *
 * @param problem why it would be refused as the run stands now; null lets a submission that was refused before be checked again
 */
export function enqueue(
  plan: WorkflowPlan,
  state: RunState,
  submission: Submission,
  problem: ErrorCode | null,
  isAwaited: boolean,
): RunState {
  if (isRepeated(state, submission, problem)) return state
  if (comesTooLate(state, submission)) return refuseSubmission(state, submission, 'run_ended')
  if (isFull(state, submission, isAwaited) || isForUnknownTool(plan, submission)) return countDropped(state)
  const { queue } = state
  return {
    ...state,
    queue: {
      ...queue,
      waiting: [...queue.waiting, submission],
      waitingCharacters: queue.waitingCharacters + sizeOf(submission),
    },
  }
}

/**
 * Whether the run's end keeps a submission from counting. A stricter rule counts until the run is closed: an unread message, or
 * resuming the run, undoes an end that was decided.
 */
export function comesTooLate(state: RunState, { type }: Submission): boolean {
  return type === 'tightening' ? state.phase === 'closed' : hasEnded(state)
}

/** It waits already, counts already, or was refused for a reason that still holds. */
function isRepeated(state: RunState, submission: Submission, problem: ErrorCode | null): boolean {
  const { waiting } = state.queue
  switch (submission.type) {
    case 'message':
      return (
        state.seen.includes(submission.id) ||
        waiting.some((one) => one.type === 'message' && one.id === submission.id)
      )
    case 'tightening':
      return (
        isInForce(state, submission.rule) ||
        waiting.some((one) => one.type === 'tightening' && isSameRule(one.rule, submission.rule))
      )
    default: {
      if (waiting.some((one) => 'key' in one && one.key === submission.key)) return true
      const answer = answerTo(state, submission.key)
      if (answer === undefined) return false
      return answer.problem === null || PERMANENT.has(answer.problem) || problem !== null
    }
  }
}

export function isPermanent(problem: ErrorCode): boolean {
  return PERMANENT.has(problem)
}

function isSameRule(one: TightenedRule, other: TightenedRule): boolean {
  return one.tool === other.tool && one.verdict === other.verdict
}

/** Whether a rule for the same tool is as strict already. Rules that add nothing are left out, so a run has at most two for a tool. */
function isInForce({ tightened }: RunState, rule: TightenedRule): boolean {
  return tightened.some(
    (one) => one.tool === rule.tool && (one.verdict === rule.verdict || one.verdict === 'deny'),
  )
}

/** A rule about a tool that no agent of the run has, and none of its sub-agents. */
function isForUnknownTool(plan: WorkflowPlan, submission: Submission): boolean {
  if (submission.type !== 'tightening' || submission.rule.tool === '*') return false
  const team = [...teamOf(plan), ...Object.values(plan.subAgents ?? {})]
  return !team.some(({ tools }) => tools.some(({ name }) => name === submission.rule.tool))
}

/** Answers a submission that does not count. The record keeps the first refused decisions up to a bound, and a count of the rest. */
export function refuseSubmission(state: RunState, submission: Submission, code: ErrorCode): RunState {
  const after = rememberAnswer(state, submission, code)
  if (submission.type !== 'decision') return after
  const { queue } = after
  if (queue.refused >= QUEUE_BOUNDS.refused) return countDropped(after)
  const { approvalId, by } = submission.decision
  const refusals = [...queue.refusals, { approvalId, by, code }]
  return { ...after, queue: { ...queue, refusals, refused: queue.refused + 1 } }
}

/** Counts a dropped submission. The record of a run that is being closed has its last count already. */
export function countDropped(state: RunState): RunState {
  if (state.bookkeeping === 'closing' || state.phase === 'closed') return state
  return { ...state, queue: { ...state.queue, dropped: state.queue.dropped + 1 } }
}

/** The state without the queue's first submission. */
export function withoutFirst(state: RunState): RunState {
  const { queue } = state
  const [head, ...waiting] = queue.waiting
  if (head === undefined) return state
  return {
    ...state,
    queue: {
      ...queue,
      waiting,
      waitingCharacters: queue.waitingCharacters - sizeOf(head),
      admitting: false,
      beforeHandOver: Math.max(queue.beforeHandOver - 1, 0),
    },
  }
}

/** Keeps the answer to a signed submission, for the same message sent again. */
export function rememberAnswer(
  state: RunState,
  submission: Submission,
  problem: ErrorCode | null,
  status?: ApprovalStatus,
): RunState {
  if (!('key' in submission)) return state
  const answer = { key: submission.key, problem, ...(status !== undefined && { status }) }
  const others = state.queue.answers.filter(({ key }) => key !== submission.key)
  const answers = [...others, answer].slice(-QUEUE_BOUNDS.answers)
  return { ...state, queue: { ...state.queue, answers } }
}

/** Characters of a submission: about its length in JSON. A message and a rule are hardly more than a name. */
function sizeOf(submission: Submission): number {
  switch (submission.type) {
    case 'message':
      return submission.id.length
    case 'tightening':
      return submission.rule.tool.length
    case 'decision':
      return JSON.stringify(submission.decision).length
    case 'budget_change':
      return JSON.stringify(submission.change).length
  }
}
