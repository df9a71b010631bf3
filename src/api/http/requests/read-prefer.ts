import { HTTP } from '../../../policies/api.ts'

/**
 * The seconds of `Prefer: wait=N` (RFC 7240), at most the longest wait; null without that preference. A preference that cannot be
 * understood is ignored, as the RFC demands.
 */
export function readPreferredWait(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  for (const preference of text.split(',')) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;.*)?$/i.exec(preference)?.[1]
    if (seconds !== undefined) return Math.min(Number(seconds), HTTP.longestWaitSeconds)
  }
  return null
}
