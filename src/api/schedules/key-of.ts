import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'

/**
 * The API key with whose rights a schedule of this caller starts its runs; null where nobody is asked for one.
 *
 * @throws Problem forbidden for a token, which ends soon and cannot be asked after
 */
export function keyOf({ credential }: Principal): string | null {
  if (credential === null) return null
  if (credential.type === 'key') return credential.id
  throw new Problem('forbidden', { detail: 'A schedule starts runs with an API key, not with a token.' })
}
