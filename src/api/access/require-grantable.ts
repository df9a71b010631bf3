import { covers, type Grant, isOperators, SCOPES } from '../../contracts/access/api-key.ts'
import { insufficientScope } from './insufficient-scope.ts'
import type { Principal } from './principal.ts'

/**
 * What is the operator's is given on only by who has it: an admin of one tenant would otherwise make a key for all of them.
 *
 * @throws Problem forbidden
 */
export function requireGrantable({ scopes }: Principal, granted: readonly Grant[]): void {
  const given = SCOPES.filter((scope) => isOperators(scope) && covers(granted, scope))
  const missing = given.filter((scope) => !covers(scopes, scope))
  if (missing.length > 0) {
    throw insufficientScope(
      missing,
      `A key with ${missing.join(' and ')} is made by who has that, or on the machine.`,
    )
  }
}
