import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson, type JsonObject } from '../contracts/json.ts'
import type { RunId } from '../contracts/run.ts'

/** What a signature is good for: one that is made for the one is none for the other. */
export type Purpose = 'decision' | 'budget_change'

export interface Signable {
  readonly signature?: string
}

/**
 * The API's word for who asks: HMAC-SHA256, hex, over the canonical JSON of purpose, run's id and the whole message. Whoever
 * can signal a workflow can write any name into a message, but not this. A signature there is already is left out.
 */
export function sign(secret: string, purpose: Purpose, runId: RunId, message: Signable): string {
  return mac(secret, purpose, runId, message).toString('hex')
}

/** Whether these are the very words that were signed, for this purpose and run. False without a signature. */
export function verify(secret: string, purpose: Purpose, runId: RunId, message: Signable): boolean {
  const { signature } = message
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return false
  return timingSafeEqual(Buffer.from(signature, 'hex'), mac(secret, purpose, runId, message))
}

/** What tells two secrets apart without telling either: 16 hex characters. */
export function fingerprint(secret: string): string {
  return createHmac('sha256', secret).update('holdfast secret fingerprint').digest('hex').slice(0, 16)
}

function mac(secret: string, purpose: Purpose, runId: RunId, { signature: _, ...message }: Signable): Buffer {
  // As it crosses the wire: a member without a value is no member.
  const plain = JSON.parse(JSON.stringify(message)) as JsonObject
  return createHmac('sha256', secret)
    .update(canonicalJson({ [purpose]: plain, runId }))
    .digest()
}
