import type { RunPlan } from '../../contracts/plan.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { storableJson } from '../database/postgres-text.ts'

/** The same for a plan in memory, in the store and in a workflow's input: SHA-256 of its canonical JSON, hex. */
export function planSha256(plan: RunPlan): string {
  return canonicalSha256(JSON.parse(storableJson(plan)))
}
