import { condition } from '@temporalio/workflow'
import type { ApprovalDecision, ApprovalStatus } from '../../contracts/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { activity } from '../proxies.ts'
import type { Answer } from '../state/admission-queue.ts'
import { checkDecision, findCall } from '../state/approvals/check-decision.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

interface Parts {
  /** Whether a decision is asked who it comes from. Runs of 0.1.0 have taken in some that were not. */
  readonly isAsked: () => boolean
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly take: (occurrence: Occurrence) => void
}

export interface Decisions {
  /** Takes a decision in, if it comes from whom it says and fits the approval as it stands then; else says why not. */
  accept(decision: ApprovalDecision): Promise<ErrorCode | null>
  /** Resolves when an accepted decision is on the record, so that what its author reads next agrees; or why it is void. */
  settled(decision: ApprovalDecision): Promise<ErrorCode | null>
  /** The same with an answer, for an update. */
  acceptAndAnswer(decision: ApprovalDecision): Promise<Omit<Answer, 'key'>>
  recordRefusal(decision: ApprovalDecision, code: ErrorCode): Promise<void>
}

/**
 * What people decide, on its way from a message to the state. `accept` is for runs from before there was a queue: each decision is
 * admitted by itself, and whichever admission ends first comes first.
 */
export function createDecisions({ isAsked, run, plan, state, take }: Parts): Decisions {
  /** What each accepted decision made of its approval: a step's calls may be gone before its handlers have answered. */
  const outcomes = new Map<string, ApprovalStatus>()

  async function accept(decision: ApprovalDecision): Promise<ErrorCode | null> {
    // Where nobody asks, an edit's arguments are looked at when it is recorded.
    let isUsable = true
    let storeProblem: ErrorCode | null = null
    if (isAsked()) {
      const tool = findCall(state(), decision.approvalId)?.tool ?? null
      // No local one: of those that overlap, replay may see another order than the first time, and order decides here.
      const { admitDecision } = activity('admitDecision', 'who decides')
      const { admitted, usable, problem: refused } = await admitDecision({ run, decision, tool })
      if (!admitted) return 'decision_unsigned'
      isUsable = usable
      storeProblem = refused ?? null
    }
    const problem = checkDecision(plan, run, state(), decision)
    if (problem !== null) return problem
    if (storeProblem !== null) return storeProblem
    // Taken in, it would turn others away as too late, and then come to nothing.
    if (!isUsable) return 'edited_arguments_invalid'
    take({ type: 'approval_decided', decision })
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
      // On the record even where it is not the API that asks: it looked like a decision until its arguments were read.
      if (problem === 'edited_arguments_invalid') await recordRefusal(decision, problem)
      return { problem, status: outcomes.get(decision.approvalId) ?? 'pending' }
    },

    async settled({ approvalId, by }) {
      // Not only to the end's beginning: what is on its way to the store then gets there, and nobody is to hear otherwise.
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

/** Nothing about this approval is still on its way to the store. */
function isRecorded(state: RunState, approvalId: string): boolean {
  const call = findCall(state, approvalId)
  if (call === undefined || call.approval === null) return true
  const { stage, approval } = call
  if (stage === 'waiting') return approval.unrecorded.length === 0 && !approval.recordingProgress
  return stage === 'ready' || stage === 'running' || stage === 'stopping' || stage === 'done'
}
