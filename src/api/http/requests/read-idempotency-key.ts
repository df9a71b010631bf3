import { Problem } from '../problems/problem.ts'

const VISIBLE = /^[\x21-\x7e]{1,255}$/
/** A structured-field string: printable ASCII in quotes, `\` before a quote or itself. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/**
 * The `Idempotency-Key` header, as the IETF draft writes it (`"key"`) or bare as most clients do; both mean the same key.
 *
 * @returns null where the request has none
 * @throws Problem invalid_idempotency_key
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  const text = typeof header === 'string' ? header : ''
  const key = QUOTED.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? text
  if (!VISIBLE.test(key) || (key === text && text.startsWith('"')))
    throw new Problem('invalid_idempotency_key')
  return key
}
