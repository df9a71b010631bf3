import { covers, type Scope } from '../../contracts/access/api-key.ts'
import type { Principal } from './principal.ts'

/** The scopes that an action takes: `own` on what is the caller's, `all` on anything of the tenant. */
const NEEDED = {
  read: { own: 'runs:read', all: 'runs:read:all' },
  write: { own: 'runs:write', all: 'runs:write:all' },
  cancel: { own: 'runs:cancel', all: 'runs:cancel:all' },
  changeBudget: { own: 'budgets:write', all: 'runs:write:all' },
} as const satisfies Record<string, { readonly own: Scope; readonly all: Scope }>
export type Action = keyof typeof NEEDED

/** Whether the caller may do this with a run or a thread of this principal, who is of the same tenant. */
export function reaches({ id, scopes }: Principal, principal: string, action: Action): boolean {
  const { own, all } = NEEDED[action]
  return covers(scopes, all) || (principal === id && covers(scopes, own))
}
