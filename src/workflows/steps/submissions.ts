import { condition } from '@temporalio/workflow'
import type { ApprovalDecision } from '../../contracts/approval.ts'
import type { BudgetChange } from '../../contracts/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { canonicalJson, type JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
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
  readonly take: (occurrence: Occurrence) => void
  /** The execution only waits for its handlers to hand over. */
  readonly isHandingOver: () => boolean
}

export interface Submissions {
  /** Puts it into the queue. null is a message that is too large to be looked at: it is counted, and no more. */
  submit(submission: Submission | null): void
  /** Why it would be refused without any activity; null where that can't be told yet. Changes nothing. */
  refusal(submission: SignedSubmission | null, tooLarge: ErrorCode): ErrorCode | null
  /** Puts it into the queue, and resolves when the run has taken or refused it; `unavailable` where the next execution will. */
  submitted(submission: SignedSubmission): Promise<Answer>
}

/** What others want of the run, on its way from a message to the queue. */
export function createSubmissions({ run, plan, state, take, isHandingOver }: Parts): Submissions {
  const problemOf = (submission: Submission) =>
    'key' in submission ? checkSubmission(plan, run, state(), submission) : null

  function submit(submission: Submission | null): void {
    if (submission === null) take({ type: 'dropped' })
    else take({ type: 'submitted', submission, problem: problemOf(submission) })
  }

  return {
    submit,

    refusal(submission, tooLarge) {
      if (submission === null) return tooLarge
      const answer = answerTo(state(), submission.key)
      if (answer?.problem === null) return null
      if (answer !== undefined && isPermanent(answer.problem)) return answer.problem
      // What is wrong with a decision now stays wrong: an approval is decided for good, and rules only get stricter. A limit that
      // a change adds to may be set by one that waits.
      const problem = problemOf(submission)
      const isFinal =
        submission.type === 'decision' || problem === 'run_ended' || state().queue.waiting.length === 0
      if (problem !== null && isFinal) return problem
      if (isHandingOver()) return 'unavailable'
      return isFull(state(), submission, true) ? 'run_busy' : null
    },

    async submitted(submission) {
      take({ type: 'submitted', submission, problem: problemOf(submission), awaited: true })
      const { key } = submission
      const waits = () => state().queue.waiting.some((one) => 'key' in one && one.key === key)
      await condition(() => !waits() || isHandingOver())
      if (waits()) return { key, problem: 'unavailable' }
      return answerTo(state(), key) ?? { key, problem: 'run_busy' }
    },
  }
}

/** null for one that is too deep or too long to be looked at. */
export function toDecisionSubmission(decision: ApprovalDecision): SignedSubmission | null {
  return isBounded(decision) ? { type: 'decision', key: keyOf({ decision }), decision } : null
}

/** null for one that is too deep or too long to be looked at. */
export function toBudgetSubmission(change: BudgetChange): SignedSubmission | null {
  return isBounded(change) ? { type: 'budget_change', key: keyOf({ change }), change } : null
}

/** Of the whole message, signature and all: what a forged one says is never a repetition of what a person said. */
function keyOf(message: object): string {
  return sha256(canonicalJson(message as JsonObject))
}
