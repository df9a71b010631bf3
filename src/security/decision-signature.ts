import type { ApprovalDecision } from '../contracts/approvals/approval.ts'
import type { RunId } from '../contracts/runs/run.ts'
import { sign, verify } from './signature.ts'

export function signDecision(secret: string, runId: RunId, decision: ApprovalDecision): string {
  return sign(secret, 'decision', runId, decision)
}

export function verifyDecision(secret: string, runId: RunId, decision: ApprovalDecision): boolean {
  return verify(secret, 'decision', runId, decision)
}
