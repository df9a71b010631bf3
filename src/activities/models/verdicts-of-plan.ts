import { judge } from '../../contracts/approval-policy.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { plannedTool } from '../../contracts/read-plan.ts'
import type { PendingToolCall } from '../../contracts/tool.ts'
import type { StoreModelCall } from '../../store/models/store-model-call.ts'

/**
 * What the plan's own rules say of an answer's calls, from what the workflow knows of them too. Rules that came in later are
 * stricter, and hold in the workflow.
 */
export function judgeCalls(
  plan: RunPlan,
  calls: readonly PendingToolCall[],
): NonNullable<StoreModelCall['verdicts']> {
  return calls.map((call) => {
    // Such a call is never made.
    if (call.problem !== undefined) return { verdict: 'deny', terms: 'standard' }
    const tool = plannedTool(plan, call.tool)
    // Nothing may come of it before its facts are known: the rules are asked when they are.
    if (tool.facts) return { verdict: 'deny', terms: 'standard' }
    const { verdict, terms } = judge(tool, call, [])
    return { verdict, terms }
  })
}
