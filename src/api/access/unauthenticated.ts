import { Problem } from '../http/problem.ts'

/** Why nobody is known to call. RFC 6750 has the words for the header: a caller that sent nothing is told no error. */
export function unauthenticated(why: 'no_key' | 'invalid_key'): Problem {
  const error = why === 'invalid_key' ? ', error="invalid_token"' : ''
  return new Problem('unauthenticated', {
    headers: { 'www-authenticate': `Bearer realm="holdfast"${error}` },
  })
}
