import { condition } from '@temporalio/workflow'
import type { ApprovalDecision, ApprovalStatus } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { activity } from '../proxies.ts'
import type { Answer } from '../state/admission-queue.ts'
import { checkDecision, findCall } from '../state/approvals/check-decision.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

interface Parts {
  /** Whether an activity verifies a decision's signature. Runs of 0.1.0 accepted decisions without one. */
  readonly needsSignature: () => boolean
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly report: (occurrence: Occurrence) => void
}

export interface Decisions {
  /** Accepts a decision whose author is verified and which fits the approval as it then stands; else resolves to why it is refused. */
  accept(decision: ApprovalDecision): Promise<ErrorCode | null>
  /** Resolves when an accepted decision is on the record, so that its author reads it there; to a code where the decision is void. */
  whenRecorded(decision: ApprovalDecision): Promise<ErrorCode | null>
  /** As `accept`, with the approval's status, for an update. */
  acceptAndAnswer(decision: ApprovalDecision): Promise<Omit<Answer, 'key'>>
  recordRefusal(decision: ApprovalDecision, code: ErrorCode): Promise<void>
}

/**
 * Decisions of people, from the message to the state. `accept` is for runs of before there was a queue: their decisions are verified
 * side by side, and count in the order in which that ends.
 */
export function createDecisions({ needsSignature, run, plan, state, report }: Parts): Decisions {
  /** Status of each approval after its last accepted decision: a step's calls may be gone before its handlers have answered. */
  const outcomes = new Map<string, ApprovalStatus>()

  async function accept(decision: ApprovalDecision): Promise<ErrorCode | null> {
    // Without an activity that verifies it, an edit's arguments are checked when the edit is recorded.
    let isUsable = true
    let storeProblem: ErrorCode | null = null
    if (needsSignature()) {
      const tool = findCall(state(), decision.approvalId)?.tool ?? null
      // No local activity: replay may see overlapping ones end in another order, and the order of decisions matters.
      const { admitDecision } = activity('admitDecision', 'who decides')
      const { admitted, usable, problem: refused } = await admitDecision({ run, decision, tool })
      if (!admitted) return 'decision_unsigned'
      isUsable = usable
      storeProblem = refused ?? null
    }
    const problem = checkDecision(plan, run, state(), decision)
    if (problem !== null) return problem
    if (storeProblem !== null) return storeProblem
    // An unusable edit is refused here. If it were accepted, later decisions would be refused as `already_decided`, although the edit
    // is voided when it is recorded.
    if (!isUsable) return 'edited_arguments_invalid'
    report({ type: 'approval_decided', decision })
    const { outcome } = findCall(state(), decision.approvalId)?.approval ?? {}
    outcomes.set(decision.approvalId, outcome?.status ?? 'pending')
    return null
  }

  async function recordRefusal({ approvalId, by }: ApprovalDecision, code: ErrorCode): Promise<void> {
    await activity('recordRefusal', code).recordRefusal({ run, approvalId, by, code })
  }

  return {
    accept,
    recordRefusal,

    async acceptAndAnswer(decision) {
      const problem = await accept(decision)
      // This refusal is put on the record whoever sent the update: only an activity could find the arguments unusable.
      if (problem === 'edited_arguments_invalid') await recordRefusal(decision, problem)
      return { problem, status: outcomes.get(decision.approvalId) ?? 'pending' }
    },

    async whenRecorded({ approvalId, by }) {
      // Waits until the run is closed, and not only until its end is decided: a decision on its way to the store still gets there, and
      // its author must not be told that it did not.
      await condition(() => state().phase === 'closed' || isRecorded(state(), approvalId))
      const { approval, stage } = findCall(state(), approvalId) ?? {}
      if (approval === undefined || approval === null) return null
      if (!isRecorded(state(), approvalId)) return 'run_ended'
      const isVoid = stage === 'waiting' && !approval.votes.some((vote) => vote.by === by)
      if (isVoid) return 'edited_arguments_invalid'
      return null
    },
  }
}

/** Whether the store has everything about this approval. */
function isRecorded(state: RunState, approvalId: string): boolean {
  const call = findCall(state, approvalId)
  if (call === undefined || call.approval === null) return true
  const { stage, approval } = call
  if (stage === 'waiting') return approval.unrecorded.length === 0 && !approval.recordingProgress
  return stage === 'ready' || stage === 'running' || stage === 'stopping' || stage === 'done'
}
