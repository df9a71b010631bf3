import { Problem } from '../http/problems/problem.ts'

/** The caller is unknown. The header is that of RFC 6750: without a key in the request it names no error. */
export function unauthenticated(why: 'no_key' | 'invalid_key'): Problem {
  const error = why === 'invalid_key' ? ', error="invalid_token"' : ''
  return new Problem('unauthenticated', {
    headers: { 'www-authenticate': `Bearer realm="holdfast"${error}` },
  })
}
