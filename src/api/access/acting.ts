import { covers, isOperators, SCOPES, type Scope } from '../../contracts/access/api-key.ts'
import { coversToolScope, type ToolScope } from '../../contracts/access/tool-scope.ts'
import { Problem } from '../http/problems/problem.ts'
import { insufficientScope } from './insufficient-scope.ts'
import type { Principal } from './principal.ts'

/** Whom a request names in its body, with that person's groups and scopes for tools. */
interface Named {
  readonly principal?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly scopes?: readonly ToolScope[] | undefined
}

/**
 * The principal in whose name a request is to be treated: the person that its body names, or else the caller. A person has no more than
 * their own: what the caller's scopes allow with other people's runs is left out, and of its groups and its scopes for tools they have those
 * that are named.
 *
 * @throws Problem forbidden, where the caller may not act for others, or has not itself what the person is to have
 */
export function actingFor(caller: Principal, { principal, groups = [], scopes = [] }: Named): Principal {
  if (principal === undefined) return caller
  if (!covers(caller.scopes, 'principals:act')) {
    throw insufficientScope(['principals:act'], 'To act for somebody else takes the scope principals:act.', [
      { pointer: '/principal', detail: 'Needs the scope principals:act.' },
    ])
  }
  const foreign = groups.flatMap((group, at) => (caller.groups.includes(group) ? [] : [at]))
  if (foreign.length > 0) {
    throw new Problem('forbidden', {
      detail: 'A caller speaks only for members of its own groups.',
      errors: foreign.map((at) => ({ pointer: `/groups/${at}`, detail: 'Not a group of the caller.' })),
    })
  }
  const lacking = scopes.flatMap((scope, at) => (coversToolScope(caller.scopes, scope) ? [] : [at]))
  if (lacking.length > 0) {
    throw new Problem('forbidden', {
      detail: 'A caller gives others only scopes that it has itself.',
      errors: lacking.map((at) => ({ pointer: `/scopes/${at}`, detail: 'Not a scope of the caller.' })),
    })
  }
  return {
    ...caller,
    id: principal,
    groups,
    scopes: [...SCOPES.filter((scope) => !isNeverAPersons(scope) && covers(caller.scopes, scope)), ...scopes],
  }
}

const NEVER_A_PERSONS: readonly Scope[] = [
  'runs:read:all',
  'runs:write:all',
  'runs:cancel:all',
  'principals:act',
  'admin',
]

function isNeverAPersons(scope: Scope): boolean {
  return NEVER_A_PERSONS.includes(scope) || isOperators(scope)
}
