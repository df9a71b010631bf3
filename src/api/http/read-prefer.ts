import { HTTP } from '../../policies/api.ts'

/**
 * Seconds that `Prefer: wait=N` (RFC 7240) asks to wait, cut to the longest we do; null where it doesn't. A preference
 * that can't be understood is ignored, as the RFC wants it.
 */
export function readPreferredWait(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  for (const preference of text.split(',')) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference)?.[1]
    if (seconds !== undefined) return Math.min(Number(seconds), HTTP.longestWaitSeconds)
  }
  return null
}
