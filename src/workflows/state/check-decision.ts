import type { ApprovalDecision } from '../../contracts/approval.ts'
import type { CallState, RunState } from './run-state.ts'

export type DecisionProblem = 'not_found' | 'already_decided' | 'stale' | 'run_ended'

export function findCall(state: RunState, approvalId: string): CallState | undefined {
  return state.calls.find(({ approval }) => approval?.id === approvalId)
}

/** Why a decision can't be accepted now; null where it can. Asked before anything of it reaches history or state. */
export function checkDecision(state: RunState, decision: ApprovalDecision): DecisionProblem | null {
  const call = findCall(state, decision.approvalId)
  if (state.ending !== null || state.phase === 'closed') return 'run_ended'
  if (call === undefined || call.approval === null) return 'not_found'
  if (call.approval.outcome !== null) return 'already_decided'
  if (call.argumentsSha256 !== decision.argumentsSha256) return 'stale'
  return null
}
