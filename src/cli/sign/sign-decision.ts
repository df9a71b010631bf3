import { parseArgs } from 'node:util'
import { APPROVAL_DECISION } from '../../activities/approvals/approval-decision.schema.ts'
import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { signDecision } from '../../security/decision-signature.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'

/** The decision that a command line describes, signed. @throws what is wrong with it */
export function signedDecision(args: readonly string[], findSecret: () => string): ApprovalDecision {
  const { values } = parseArgs({
    args: [...args],
    options: {
      approval: { type: 'string' },
      sha256: { type: 'string' },
      decision: { type: 'string' },
      by: { type: 'string' },
      group: { type: 'string', multiple: true, default: [] },
      message: { type: 'string' },
      comment: { type: 'string' },
      arguments: { type: 'string' },
    },
  })
  const { approval: approvalId, sha256: argumentsSha256, group: groups, arguments: json, ...words } = values
  const edited = json === undefined ? undefined : (JSON.parse(json) as JsonObject)
  const decision = APPROVAL_DECISION.parse({
    approvalId,
    argumentsSha256,
    groups,
    ...words,
    ...(edited !== undefined && { arguments: edited, editedSha256: canonicalSha256(edited) }),
  }) as ApprovalDecision

  // `apr_<run>_<step>_<index>_<round>`: the id of a sub-agent's run contains numbers of its own, so only the last three are the call's.
  const [, run] = /^apr_(.+)(?:_\d+){3}$/.exec(decision.approvalId) ?? []
  if (run === undefined)
    throw new CommandError(`${decision.approvalId} is not the id of an approval.`, EXIT.usage)
  return { ...decision, signature: signDecision(findSecret(), `run_${run}`, decision) }
}
