import type { ApprovalTerms } from '../../../../../src/contracts/approvals/approval.ts'
import type { Database } from '../../../../../src/store/database/database.ts'
import { makeKey } from '../../../../api/support/test-keys.ts'

/** Who there is in the tenant that runs belong to, and their groups. The first three ask for runs. */
export const PEOPLE = {
  ann: ['finance'],
  bob: ['finance'],
  cat: ['finance', 'managers'],
  dan: ['managers'],
  eve: [],
} as const satisfies Record<string, readonly string[]>

export type PersonName = keyof typeof PEOPLE
export const NAMES = Object.keys(PEOPLE) as PersonName[]
export const REQUESTERS = ['ann', 'bob', 'cat'] as const

/** Keys that must not count: of a namesake in another tenant, and of a person of the tenant who may only look. */
export const OUTSIDERS = ['namesake', 'onlooker'] as const
export type Outsider = (typeof OUTSIDERS)[number]

export type Headers = Record<string, string>

/** Everybody's key, as headers. */
export async function handOutKeys(
  database: Database,
): Promise<Record<PersonName | Outsider | 'watcher', Headers>> {
  const keyOf = async (principal: PersonName) =>
    (await makeKey(database, { principal, groups: PEOPLE[principal] })).headers
  const everything = ['finance', 'managers']
  const [ann, bob, cat, dan, eve, namesake, onlooker, watcher] = await Promise.all([
    keyOf('ann'),
    keyOf('bob'),
    keyOf('cat'),
    keyOf('dan'),
    keyOf('eve'),
    makeKey(database, { principal: 'bob', tenant: 'other', groups: everything }),
    makeKey(database, { principal: 'onlooker', groups: everything, scopes: ['approvals:read', 'runs:*'] }),
    makeKey(database, { principal: 'watcher', groups: everything, scopes: ['approvals:read'] }),
  ])
  return {
    ann,
    bob,
    cat,
    dan,
    eve,
    namesake: namesake.headers,
    onlooker: onlooker.headers,
    watcher: watcher.headers,
  }
}

/** Whether somebody of these groups belongs to those who may decide, at once or once it has been escalated. */
export function mayDecide(
  { approvers, excludeRequester, escalation }: ApprovalTerms,
  requester: string,
  by: string,
  groups: readonly string[],
): boolean {
  if (excludeRequester && by === requester) return false
  const invited = [...approvers, ...escalation.flatMap(({ to }) => to)]
  return approvers.length === 0 || groups.some((group) => invited.includes(group))
}
