import type { ApprovalDecision } from '../../contracts/approval.ts'
import { precheckDecision, type VoiceProblem } from '../../contracts/check-voice.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { plannedTool, termsOf } from '../../contracts/read-plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { type CallState, hasEnded, type RunState } from './run-state.ts'

export type DecisionProblem = 'run_ended' | 'not_found' | 'already_decided' | VoiceProblem

export function findCall(state: RunState, approvalId: string): CallState | undefined {
  return state.calls.find(({ approval }) => approval?.id === approvalId)
}

/** A step is over when each of its approvals has been decided. Their ids name it. */
function isOfEarlierStep({ runId, step }: RunState, approvalId: string): boolean {
  const [, of] = approvalId.split(`apr_${runId.slice('run_'.length)}_`)
  return of !== undefined && Number.parseInt(of, 10) < step
}

/** Why a decision can't be accepted now; null where it can. Asked before anything of it reaches the state. */
export function checkDecision(
  plan: RunPlan,
  run: Pick<RunIdentity, 'principal'>,
  state: RunState,
  decision: ApprovalDecision,
): DecisionProblem | null {
  const call = findCall(state, decision.approvalId)
  if (hasEnded(state)) return 'run_ended'
  if (call === undefined || call.approval === null) {
    return isOfEarlierStep(state, decision.approvalId) ? 'already_decided' : 'not_found'
  }
  const { approval, argumentsSha256, terms: termsName } = call
  if (approval.outcome !== null) return 'already_decided'
  return precheckDecision(
    {
      argumentsSha256,
      cause: approval.cause,
      terms: termsOf(plan, termsName),
      termsName,
      approvers: approval.approvers,
      requester: run.principal,
      voters: approval.votes.map(({ by }) => by),
      tool: plannedTool(plan, call.tool),
      tightened: state.tightened,
    },
    decision,
  )
}
