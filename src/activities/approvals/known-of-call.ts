import type { ApprovalCause } from '../../contracts/approvals/approval.ts'
import { needsLookUp } from '../../contracts/tools/look-up.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import type { Db } from '../../store/database/database.ts'
import { findLookUp, type LookUp, type LookUpKey } from '../../store/tools/look-ups.ts'

/**
 * The stored facts and approvers of a call with these arguments, both null where its tool looks up neither.
 *
 * @returns null where one is missing that has to be known before anybody is asked
 */
export async function findKnown(
  db: Db,
  tool: PlannedTool,
  { cause, ...key }: LookUpKey & { readonly cause: ApprovalCause },
): Promise<Pick<LookUp, 'facts' | 'approvers'> | null> {
  const known = needsLookUp(tool) ? await findLookUp(db, key) : null
  const { facts = null, approvers = null } = known ?? {}
  // A call that needed no approval has no named approvers. If its outcome is unknown, the terms alone say whom to ask.
  const isNamed = !tool.approvers || approvers !== null || cause === 'outcome_unknown'
  return (tool.facts && facts === null) || !isNamed ? null : { facts, approvers }
}
