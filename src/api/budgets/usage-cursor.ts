import { Problem } from '../http/problems/problem.ts'
import type { UsageGroup } from './usage.schema.ts'

/** A page of usage ends with a key, which is empty for runs without a thread. */
export function encodeUsageCursor(groupBy: UsageGroup, key: string): string {
  return Buffer.from(`${groupBy} ${key}`).toString('base64url')
}

/** @throws Problem invalid_cursor for anything that {@link encodeUsageCursor} does not make of this group */
export function decodeUsageCursor(groupBy: UsageGroup, cursor: string): string {
  const [group, ...words] = Buffer.from(cursor, 'base64url').toString().split(' ')
  const key = words.join(' ')
  const fits = group === groupBy && !key.includes('\0') && encodeUsageCursor(groupBy, key) === cursor
  if (!fits) throw new Problem('invalid_cursor')
  return key
}
