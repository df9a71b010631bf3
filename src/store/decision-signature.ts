import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ApprovalDecision } from '../contracts/approval.ts'
import { canonicalJson, type JsonObject } from '../contracts/json.ts'
import type { RunId } from '../contracts/run.ts'

/**
 * The API's word for who decides: HMAC-SHA256, hex, over the canonical JSON of the run's id and the whole decision. Whoever
 * can signal a workflow can write any name into a decision, but not this. A signature there is already is left out.
 */
export function signDecision(secret: string, runId: RunId, decision: ApprovalDecision): string {
  return mac(secret, runId, decision).toString('hex')
}

/** Whether these are the very words that were signed, for this run. False without a signature. */
export function verifyDecision(secret: string, runId: RunId, decision: ApprovalDecision): boolean {
  const { signature } = decision
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return false
  return timingSafeEqual(Buffer.from(signature, 'hex'), mac(secret, runId, decision))
}

function mac(secret: string, runId: RunId, { signature: _, ...decision }: ApprovalDecision): Buffer {
  // As it crosses the wire: a member without a value is no member.
  const plain = JSON.parse(JSON.stringify(decision)) as JsonObject
  return createHmac('sha256', secret)
    .update(canonicalJson({ decision: plain, runId }))
    .digest()
}
