import type { Scope } from '../../contracts/access/api-key.ts'
import { Problem, type ProblemItem } from '../http/problems/problem.ts'

/** The caller's key does not cover what it asks for. The header is that of RFC 6750. */
export function insufficientScope(
  needed: readonly Scope[],
  detail: string,
  errors?: readonly ProblemItem[],
): Problem {
  return new Problem('forbidden', {
    detail,
    ...(errors !== undefined && { errors }),
    headers: {
      'www-authenticate': `Bearer realm="holdfast", error="insufficient_scope", scope="${needed.join(' ')}"`,
    },
  })
}
