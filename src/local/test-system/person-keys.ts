import { createKey } from '../../api/access/create-key.ts'
import type { Grant } from '../../contracts/access/api-key.ts'
import type { ToolScope } from '../../contracts/access/tool-scope.ts'
import type { Database } from '../../store/database/database.ts'

/** A user of the API: a principal, its groups, and its scopes for tools. */
export type Person =
  | string
  | {
      readonly principal: string
      readonly groups?: readonly string[]
      readonly scopes?: readonly ToolScope[]
    }

/** All of the product's scopes but `admin`, which is about other people's keys. */
const SCOPES: readonly Grant[] = [
  'runs:*:all',
  'approvals:read',
  'approvals:decide',
  'budgets:write',
  'usage:read',
]

/** Makes one key for each person: for each principal with its groups and scopes. */
export function createPersonKeys(database: Database): (person: Person) => Promise<string> {
  const keys = new Map<string, Promise<string>>()
  return (person) => {
    const {
      principal,
      groups = [],
      scopes = [],
    } = typeof person === 'string' ? { principal: person } : person
    const name = JSON.stringify([principal, groups, scopes])
    const key =
      keys.get(name) ??
      createKey(database, {
        tenant: 'default',
        principal,
        groups,
        scopes: [...SCOPES, ...scopes],
        expiresAt: null,
      }).then(({ text }) => text)
    keys.set(name, key)
    return key
  }
}
