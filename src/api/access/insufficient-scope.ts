import type { Scope } from '../../contracts/api-key.ts'
import { Problem, type ProblemItem } from '../http/problem.ts'

/** The caller is known, and its key does not cover what it asks for. RFC 6750 has the words for the header. */
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
