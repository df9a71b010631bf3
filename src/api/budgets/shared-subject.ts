import type { BUDGET_SCOPES } from '../../contracts/budgets/budget.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'
import { OWN_TENANT } from './shared-budget.schema.ts'

type Scope = (typeof BUDGET_SCOPES)[number]

/**
 * The subject of a budget or kill switch. With scope `tenant` it can only be the caller's own tenant.
 *
 * @throws Problem not_found
 */
export function sharedSubject(scope: Scope, subject: string, { tenant }: Pick<Principal, 'tenant'>): string {
  if (scope !== 'tenant') return subject
  if (subject === OWN_TENANT || subject === tenant) return tenant
  throw new Problem('not_found')
}
