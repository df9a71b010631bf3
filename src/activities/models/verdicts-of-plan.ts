import { applyPolicy } from '../../contracts/approvals/approval-policy.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { plannedTool } from '../../contracts/runs/read-plan.ts'
import type { PendingToolCall } from '../../contracts/tools/tool.ts'
import type { StoreModelCall } from '../../store/models/store-model-call.ts'

/**
 * The verdicts of the plan's own rules on an answer's calls, from the same knowledge that the workflow has of them. The workflow alone
 * applies rules that came later; these are only stricter.
 */
export function verdictsOfPlan(
  plan: RunPlan,
  calls: readonly PendingToolCall[],
): NonNullable<StoreModelCall['verdicts']> {
  return calls.map((call) => {
    // A call with a problem is never made.
    if (call.problem !== undefined) return { verdict: 'deny', terms: 'standard' }
    const tool = plannedTool(plan, call.tool)
    // The call must not be made before its facts are known. The rules are applied then.
    if (tool.facts) return { verdict: 'deny', terms: 'standard' }
    const { verdict, terms } = applyPolicy(tool, call, [])
    return { verdict, terms }
  })
}
