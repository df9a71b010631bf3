import type { Approval } from '../../contracts/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Principal } from '../access/principal.ts'

/** Why this person may not decide the approval now; null where they may. The store's list asks the same in SQL. */
export function whyMayNotDecide(
  { status, terms, requester, approvers, votes }: Approval,
  { id, groups }: Pick<Principal, 'id' | 'groups'>,
): ErrorCode | null {
  if (status !== 'pending') return 'already_decided'
  if (terms.excludeRequester && requester === id) return 'requester_excluded'
  if (approvers.length > 0 && !groups.some((group) => approvers.includes(group))) return 'not_an_approver'
  return votes.some(({ by }) => by === id) ? 'already_voted' : null
}
