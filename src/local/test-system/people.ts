import { createKey } from '../../api/access/create-key.ts'
import type { Grant } from '../../contracts/api-key.ts'
import type { Database } from '../../store/database/database.ts'

/** Who does something: a principal, and the groups that approval terms know. */
export type Person = string | { readonly principal: string; readonly groups?: readonly string[] }

/** Everything that a person may be allowed, but what is about other people's keys. */
const SCOPES: readonly Grant[] = [
  'runs:*:all',
  'approvals:read',
  'approvals:decide',
  'budgets:write',
  'usage:read',
]

/** Keys for people, one for each principal with its groups. */
export function createPeople(database: Database): (person: Person) => Promise<string> {
  const keys = new Map<string, Promise<string>>()
  return (person) => {
    const { principal, groups = [] } = typeof person === 'string' ? { principal: person } : person
    const name = JSON.stringify([principal, groups])
    const key =
      keys.get(name) ??
      createKey(database, { tenant: 'default', principal, groups, scopes: SCOPES, expiresAt: null }).then(
        ({ text }) => text,
      )
    keys.set(name, key)
    return key
  }
}
