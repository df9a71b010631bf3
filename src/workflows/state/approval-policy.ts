import type { JsonObject } from '../../contracts/json.ts'
import type { ApprovalRule, PlannedTool, Verdict } from '../../contracts/tool.ts'

/**
 * What the policy says of a call: every rule that matches votes, deny beats ask beats allow, and `otherwise` speaks where
 * none matches. Arguments that are not at hand (null) match every condition, so that what can't be checked is asked about.
 */
export function judge(
  policy: PlannedTool['approval'],
  args: JsonObject | null,
): { readonly verdict: Verdict; readonly rule: string } {
  const matching = policy.rules.filter((rule) => matches(rule, args))
  for (const verdict of ['deny', 'ask', 'allow'] as const) {
    const rule = matching.find((candidate) => candidate.verdict === verdict)
    if (rule) return { verdict, rule: rule.name }
  }
  return { verdict: policy.otherwise, rule: 'otherwise' }
}

function matches({ when }: ApprovalRule, args: JsonObject | null): boolean {
  if (when === 'always' || args === null) return true
  const value = args[when.argument]
  return typeof value !== 'number' || !(value <= when.above)
}
