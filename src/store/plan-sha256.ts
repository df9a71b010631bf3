import { createHash } from 'node:crypto'
import { canonicalJson } from '../contracts/json.ts'
import type { RunPlan } from '../contracts/plan.ts'
import { storableJson } from './storable.ts'

/** The same for a plan in memory, in the store and in a workflow's input: SHA-256 of its canonical JSON, hex. */
export function planSha256(plan: RunPlan): string {
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(storableJson(plan))))
    .digest('hex')
}
