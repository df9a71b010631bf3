/**
 * How long the provider wants us to wait, in whole milliseconds, rounded up so that we are never early: `retry-after-ms`, else
 * `retry-after` in seconds (fractions are seen in the wild) or as an HTTP date. undefined where it says nothing we understand.
 */
export function readRetryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const exact = nonNegative(headers.get('retry-after-ms'))
  if (exact !== undefined) return Math.ceil(exact)

  const said = headers.get('retry-after')
  const seconds = nonNegative(said)
  if (seconds !== undefined) return Math.ceil(Number((seconds * 1_000).toFixed(3)))

  // An HTTP date begins with the day's name; `Date.parse` alone would take "-5" for a date as well.
  if (said === null || !/^[A-Z][a-z]/.test(said.trim())) return undefined
  const date = Date.parse(said)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function nonNegative(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
