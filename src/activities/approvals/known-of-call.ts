import type { ApprovalCause } from '../../contracts/approval.ts'
import { needsLookUp } from '../../contracts/look-up.ts'
import type { PlannedTool } from '../../contracts/tool.ts'
import type { Db } from '../../store/database/database.ts'
import { findLookUp, type LookUp, type LookUpKey } from '../../store/tools/look-ups.ts'

/**
 * What was looked up of a call with these arguments, as far as its tool looks up anything; null where something of it is missing
 * that has to be known before anybody is asked.
 */
export async function findKnown(
  db: Db,
  tool: PlannedTool,
  { cause, ...key }: LookUpKey & { readonly cause: ApprovalCause },
): Promise<Pick<LookUp, 'facts' | 'approvers'> | null> {
  const known = needsLookUp(tool) ? await findLookUp(db, key) : null
  const { facts = null, approvers = null } = known ?? {}
  // Nobody may have been asked about a call before its end went unseen: then its terms alone say whom to ask.
  const isNamed = !tool.approvers || approvers !== null || cause === 'outcome_unknown'
  return (tool.facts && facts === null) || !isNamed ? null : { facts, approvers }
}
