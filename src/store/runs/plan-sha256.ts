import type { RunPlan } from '../../contracts/runs/plan.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { storableJson } from '../database/postgres-text.ts'

/** SHA-256 of a plan's canonical JSON, hex: the same whether the plan comes from memory, the store or a workflow's input. */
export function planSha256(plan: RunPlan): string {
  return canonicalSha256(JSON.parse(storableJson(plan)))
}
