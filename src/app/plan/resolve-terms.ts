import type { ApprovalTerms } from '../../contracts/approvals/approval.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { APPROVAL_TERMS } from '../../policies/approvals.ts'
import type { AnyAppDefinition } from '../define/app-definition.ts'

/** `edit` and `respond` are one person's words. */
const DECISIONS_OF_SEVERAL: ApprovalTerms['decisions'] = ['approve', 'reject']

/** The application's terms, by name; what they leave out is as in the product's `standard`. */
export function resolveTerms(terms: AnyAppDefinition['approvalTerms'] = {}): RunPlan['approvalTerms'] {
  const own = Object.entries(terms).map(([name, definition]) => [name, resolve(definition)])
  return { standard: APPROVAL_TERMS.standard, ...Object.fromEntries(own) }
}

function resolve(definition: Partial<ApprovalTerms>): ApprovalTerms {
  const { decisions, ...standard } = APPROVAL_TERMS.standard
  const several = (definition.quorum ?? standard.quorum) > 1
  return { ...standard, decisions: several ? DECISIONS_OF_SEVERAL : decisions, ...definition }
}
