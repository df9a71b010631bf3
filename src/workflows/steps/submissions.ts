import { condition } from '@temporalio/workflow'
import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { canonicalJson, type JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import {
  type Answer,
  answerTo,
  isFull,
  isPermanent,
  type SignedSubmission,
  type Submission,
} from '../state/admission-queue.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'
import { sha256 } from '../state/sha256.ts'
import { checkSubmission } from './admit.ts'
import { isBounded } from './read-message.ts'

interface Parts {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly report: (occurrence: Occurrence) => void
  /** The execution is about to hand over, and only waits for its handlers to end. */
  readonly isHandingOver: () => boolean
}

export interface Submissions {
  /** Puts a submission into the queue. null stands for a message that is too large: it is only counted. */
  submit(submission: Submission | null): void
  /** Why a submission is refused before any activity; null where only an activity can find out. Changes nothing. */
  findRefusal(submission: SignedSubmission | null, tooLarge: ErrorCode): ErrorCode | null
  /** Puts a submission into the queue, and resolves to its answer; to `unavailable` where only the next execution will answer it. */
  submitAndWait(submission: SignedSubmission): Promise<Answer>
}

/** Submissions to the run, from the message to the queue. */
export function createSubmissions({ run, plan, state, report, isHandingOver }: Parts): Submissions {
  const problemOf = (submission: Submission) =>
    'key' in submission ? checkSubmission(plan, run, state(), submission) : null

  function submit(submission: Submission | null): void {
    if (submission === null) report({ type: 'dropped' })
    else report({ type: 'submitted', submission, problem: problemOf(submission) })
  }

  return {
    submit,

    findRefusal(submission, tooLarge) {
      if (submission === null) return tooLarge
      const answer = answerTo(state(), submission.key)
      if (answer?.problem === null) return null
      if (answer !== undefined && isPermanent(answer.problem)) return answer.problem
      // A problem of a decision stays: an approval is decided for good, and rules only get stricter. A problem of a budget change may
      // pass, since a change ahead of it in the queue may set the limit that it adds to.
      const problem = problemOf(submission)
      const isFinal =
        submission.type === 'decision' || problem === 'run_ended' || state().queue.waiting.length === 0
      if (problem !== null && isFinal) return problem
      if (isHandingOver()) return 'unavailable'
      return isFull(state(), submission, true) ? 'run_busy' : null
    },

    async submitAndWait(submission) {
      report({ type: 'submitted', submission, problem: problemOf(submission), awaited: true })
      const { key } = submission
      const waits = () => state().queue.waiting.some((one) => 'key' in one && one.key === key)
      await condition(() => !waits() || isHandingOver())
      if (waits()) return { key, problem: 'unavailable' }
      return answerTo(state(), key) ?? { key, problem: 'run_busy' }
    },
  }
}

/** null for a decision that is too deep or too long to be handled. */
export function toDecisionSubmission(decision: ApprovalDecision): SignedSubmission | null {
  return isBounded(decision) ? { type: 'decision', key: keyOf({ decision }), decision } : null
}

/** null for a change that is too deep or too long to be handled. */
export function toBudgetSubmission(change: BudgetChange): SignedSubmission | null {
  return isBounded(change) ? { type: 'budget_change', key: keyOf({ change }), change } : null
}

/** The digest of the whole message with its signature, so that a forged message never passes for a repetition of a person's. */
function keyOf(message: object): string {
  return sha256(canonicalJson(message as JsonObject))
}
