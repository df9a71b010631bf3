import type { ActivityName } from '../../contracts/activities.ts'
import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { RecordDecisionInput } from '../../contracts/approvals/approval-record.ts'
import { isDeeperThan } from '../../contracts/json.ts'
import { SIZES } from '../../policies/limits.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'

/** Whether the tool takes the arguments of an edit, and they have the hash that the edit names. */
export function isUsable(
  { app }: Pick<Dependencies, 'app'>,
  activity: ActivityName,
  { tool: name, arguments: args, argumentsSha256 }: NonNullable<RecordDecisionInput['edited']>,
): boolean {
  const tool = app.tool(name)
  if (tool === null) throw failure(activity, 'agent_unknown')
  return (
    !isDeeperThan(args, SIZES.maxArgumentsDepth) &&
    canonicalSha256(args) === argumentsSha256 &&
    Buffer.byteLength(JSON.stringify(args)) <= SIZES.maxArgumentsBytes &&
    tool.invalidArguments(args).length === 0
  )
}

/**
 * The same for a decision that is not applied yet.
 *
 * @param tool null where the run has no such approval
 */
export function isEditUsable(
  deps: Pick<Dependencies, 'app'>,
  activity: ActivityName,
  tool: string | null,
  { arguments: args, editedSha256 }: ApprovalDecision,
): boolean {
  if (tool === null || args === undefined || editedSha256 === undefined) return false
  return isUsable(deps, activity, { tool, arguments: args, argumentsSha256: editedSha256 })
}
