import type { ApprovalTerms } from '../../contracts/approval.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import type { PlannedTool } from '../../contracts/tool.ts'
import { APPROVAL_TERMS } from '../../policies/approvals.ts'

/** The terms that these tools' rules name, and `standard`. */
export function termsFor(tools: readonly PlannedTool[]): RunPlan['approvalTerms'] {
  const rules = tools.flatMap(({ approval }) => approval.rules)
  const named = rules.flatMap(({ terms }) => (terms === undefined ? [] : [terms]))
  const { standard } = APPROVAL_TERMS
  return { ...Object.fromEntries(named.map((name) => [name, requireTerms(name)])), standard }
}

function requireTerms(name: string): ApprovalTerms {
  const terms = (APPROVAL_TERMS as Record<string, ApprovalTerms>)[name]
  if (terms === undefined) throw new Error(`A tool's rule names terms that do not exist: ${name}`)
  return terms
}
