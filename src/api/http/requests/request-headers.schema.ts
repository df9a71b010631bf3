import { z } from 'zod'
import { HTTP } from '../../../policies/api.ts'

/*
 * For the OpenAPI document only: `readIdempotencyKey` and `readPreferredWait` read these headers and refuse mistakes,
 * `readTraceparent` ignores a mistake.
 */

/** @param owner whose key it is: two owners may use the same key for different requests */
export function idempotencyKey(owner: string) {
  return z
    .string()
    .optional()
    .describe(`1 to 255 visible ASCII characters, bare or quoted. Belongs to the ${owner}.`)
    .meta({ minLength: 1, maxLength: 512, pattern: `^("${QUOTED}{1,255}"|${BARE})$` })
}

const QUOTED = '([\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])'
const BARE = '[\\x21\\x23-\\x7e][\\x21-\\x7e]{0,254}'

export function preferWait(until: string) {
  return z
    .string()
    .optional()
    .describe(`\`wait=N\`: answer ${until}, or after N seconds (at most ${HTTP.longestWaitSeconds}).`)
    .meta({ examples: ['wait=5'] })
}

export function traceparent() {
  return z
    .string()
    .optional()
    .describe('W3C Trace Context: the run becomes part of this trace. A malformed one is ignored.')
    .meta({ examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] })
}
