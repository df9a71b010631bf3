import type { ApprovalDecision, ApprovalStatus } from '../../contracts/approval.ts'
import type { BudgetChange } from '../../contracts/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { teamOf } from '../../contracts/read-plan.ts'
import type { TightenedRule } from '../../contracts/tool.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { hasEnded, type RunState } from './run-state.ts'

/** Something that others want of the run. `key` is the digest of the whole message: a repeated one has the same. */
export type Submission =
  | { readonly type: 'message'; readonly id: string }
  | { readonly type: 'tightening'; readonly rule: TightenedRule }
  | { readonly type: 'decision'; readonly key: string; readonly decision: ApprovalDecision }
  | { readonly type: 'budget_change'; readonly key: string; readonly change: BudgetChange }

/** A submission of which only an activity can tell who it comes from. */
export type SignedSubmission = Extract<Submission, { readonly key: string }>

/** What became of a signed submission. */
export interface Answer {
  readonly key: string
  /** null: it counts. */
  readonly problem: ErrorCode | null
  /** Of a decision that counts: the approval's status with it. */
  readonly status?: ApprovalStatus
}

/** A decision that does not count, to be put on the record. */
export interface Refusal {
  readonly approvalId: string
  readonly by: string
  readonly code: ErrorCode
}

/**
 * The run's one queue: submissions are taken in the order of history, across kinds, and none is looked at before those ahead
 * of it have been taken or refused.
 */
export interface AdmissionQueue {
  /** Oldest first. */
  readonly waiting: readonly Submission[]
  /** Their size, as {@link sizeOf} measures it. */
  readonly waitingCharacters: number
  /** The first one's admission is under way. */
  readonly admitting: boolean
  /** As many of them are taken or refused before a hand-over that is due: whoever sent them waits for an answer. */
  readonly beforeHandOver: number
  /** Of the last signed submissions, oldest first. */
  readonly answers: readonly Answer[]
  /** Refusals that are not on the record yet, oldest first. */
  readonly refusals: readonly Refusal[]
  /** Those put on the record so far, and these. */
  readonly refused: number
  /** Submissions that found the queue full or name no tool of the run, so far; and those of them on the record. */
  readonly dropped: number
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
 * Bounds that keep the state far below the 2 MiB that Temporal takes from one execution to the next. Never changed: runs replay
 * by them.
 */
export const QUEUE_BOUNDS = {
  waiting: 200,
  waitingCharacters: 300_000,
  answers: 600,
  refused: 500,
  /** As many updates as Temporal lets wait for one workflow: there is room for them behind any flood of signals. */
  updates: 10,
  /** Messages that the model has not been shown. The API takes fewer. */
  inbox: 500,
} as const

/** Problems that the same words have for ever. Any other may pass: who is no approver may be one after an escalation. */
const LASTING: ReadonlySet<ErrorCode> = new Set(['decision_unsigned', 'edited_arguments_invalid'])

export function answerTo({ queue }: RunState, key: string): Answer | undefined {
  return queue.answers.findLast((answer) => answer.key === key)
}

/** @param isAwaited somebody waits for the answer: it is an update */
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
 * @param problem what is against it as the run stands now; it tells whether a refused one deserves another look
 */
export function submitted(
  plan: WorkflowPlan,
  state: RunState,
  submission: Submission,
  problem: ErrorCode | null,
  isAwaited: boolean,
): RunState {
  if (isRepeated(state, submission, problem)) return state
  if (comesTooLate(state, submission)) return refused(state, submission, 'run_ended')
  if (isFull(state, submission, isAwaited) || isUseless(plan, submission)) return drop(state)
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

/** A stricter rule counts until the run is closed: its end is undone where it is spoken to, or resumed. */
export function comesTooLate(state: RunState, { type }: Submission): boolean {
  return type === 'tightening' ? state.phase === 'closed' : hasEnded(state)
}

/** It waits already, counts already, or was refused for a reason that holds. */
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
      return answer.problem === null || LASTING.has(answer.problem) || problem !== null
    }
  }
}

export function isLasting(problem: ErrorCode): boolean {
  return LASTING.has(problem)
}

function isSameRule(one: TightenedRule, other: TightenedRule): boolean {
  return one.tool === other.tool && one.verdict === other.verdict
}

/** What a stricter rule for the same tool says already need not be said again: so a run has two rules for a tool at most. */
function isInForce({ tightened }: RunState, rule: TightenedRule): boolean {
  return tightened.some(
    (one) => one.tool === rule.tool && (one.verdict === rule.verdict || one.verdict === 'deny'),
  )
}

/** A rule about a tool that neither the run nor any of its team has. */
function isUseless(plan: WorkflowPlan, submission: Submission): boolean {
  if (submission.type !== 'tightening' || submission.rule.tool === '*') return false
  const team = [...teamOf(plan), ...Object.values(plan.subAgents ?? {})]
  return !team.some(({ tools }) => tools.some(({ name }) => name === submission.rule.tool))
}

/** Answers one that does not count. Of a flood of such decisions the record keeps so many, and a count of the rest. */
export function refused(state: RunState, submission: Submission, code: ErrorCode): RunState {
  const after = answered(state, submission, code)
  if (submission.type !== 'decision') return after
  const { queue } = after
  if (queue.refused >= QUEUE_BOUNDS.refused) return drop(after)
  const { approvalId, by } = submission.decision
  const refusals = [...queue.refusals, { approvalId, by, code }]
  return { ...after, queue: { ...queue, refusals, refused: queue.refused + 1 } }
}

/** Counts one that is not kept. Of a run that is being closed the count would come too late for the record. */
export function drop(state: RunState): RunState {
  if (state.bookkeeping === 'closing' || state.phase === 'closed') return state
  return { ...state, queue: { ...state.queue, dropped: state.queue.dropped + 1 } }
}

/** Without the first one. */
export function shifted(state: RunState): RunState {
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

/** Remembers what became of a signed submission, for whoever sends it again. */
export function answered(
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

/** As good as its length in JSON; a message and a rule are a name and little more. */
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
