import { Problem } from '../http/problem.ts'

/**
 * The place of a reader that comes back; null where it has none.
 *
 * @throws Problem invalid_cursor
 */
export function readLastEventId(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null
  const text = String(header)
  if (!/^(0|[1-9]\d{0,8})$/.test(text))
    throw new Problem('invalid_cursor', { detail: 'Last-Event-ID is not one of ours.' })
  return Number(text)
}
