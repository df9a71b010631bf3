import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson, type JsonObject } from '../contracts/json.ts'
import type { RunId } from '../contracts/runs/run.ts'

/** The purpose of a signature. It is part of what is signed, so that a signature for one purpose is invalid for the other. */
export type Purpose = 'decision' | 'budget_change'

export interface Signable {
  readonly signature?: string
}

/**
 * The API's proof of a message's author: HMAC-SHA256, hex, over the canonical JSON of purpose, run's id and message without its signature.
 * Anybody who can signal a workflow can write any name into a message; only the API can sign it.
 */
export function sign(secret: string, purpose: Purpose, runId: RunId, message: Signable): string {
  return mac(secret, purpose, runId, message).toString('hex')
}

/** Whether exactly this message was signed, for this purpose and run. False without a signature. */
export function verify(secret: string, purpose: Purpose, runId: RunId, message: Signable): boolean {
  const { signature } = message
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return false
  return timingSafeEqual(Buffer.from(signature, 'hex'), mac(secret, purpose, runId, message))
}

/** Tells two secrets apart without revealing them: 16 hex characters. */
export function fingerprint(secret: string): string {
  return createHmac('sha256', secret).update('holdfast secret fingerprint').digest('hex').slice(0, 16)
}

function mac(secret: string, purpose: Purpose, runId: RunId, { signature: _, ...message }: Signable): Buffer {
  // As JSON, where a member without a value does not exist: the receiver's message would otherwise have another HMAC.
  const plain = JSON.parse(JSON.stringify(message)) as JsonObject
  return createHmac('sha256', secret)
    .update(canonicalJson({ [purpose]: plain, runId }))
    .digest()
}
