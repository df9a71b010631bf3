import { applyPolicy } from '../../contracts/approvals/approval-policy.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { mayCall, plannedTool } from '../../contracts/runs/read-plan.ts'
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
    // What the caller may not have called is never made. A call of a tool with facts is not made before they are known: the rules are
    // applied then.
    if (!mayCall(plan, tool) || tool.facts) return { verdict: 'deny', terms: 'standard' }
    const { verdict, terms } = applyPolicy(tool, call, [])
    return { verdict, terms }
  })
}
