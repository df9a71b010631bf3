import { MODEL_CLOCKS } from '../../../policies/models.ts'

/**
 * How long the provider wants us to wait, in whole milliseconds, rounded up so that we are never early: `retry-after-ms`, else
 * `retry-after` in seconds (fractions are seen in the wild) or as an HTTP date. undefined where it says nothing we understand, and
 * where it says 0: then our own backoff is the better guess. Never more than `MODEL_CLOCKS.mostRetryAfterMs`, since a number of
 * any length may stand there.
 */
export function readRetryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const exact = nonNegative(headers.get('retry-after-ms'))
  if (exact !== undefined) return wish(exact)

  const said = headers.get('retry-after')
  const seconds = nonNegative(said)
  if (seconds !== undefined) return wish(seconds * 1_000)

  // An HTTP date begins with the day's name; `Date.parse` alone would take "-5" for a date as well.
  if (said === null || !/^[A-Z][a-z]/.test(said.trim())) return undefined
  return wish(Date.parse(said) - now)
}

const WISH_IN_WORDS =
  /\b(?:try again|retry)(?: again)?(?: in| after)? (?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?) ?(ms|milliseconds?|s|sec|seconds?)\b)?/i

/** The same told in words: "Please try again in 11.054s", "in 1m30s", "in 250ms". */
export function readRetryAfterWords(text: string): number | undefined {
  const [, hours = '0', minutes = '0', amount = '0', unit = 's'] = WISH_IN_WORDS.exec(text) ?? []
  const unitMs = /^m/i.test(unit) ? 1 : 1_000
  return wish((Number(hours) * 60 + Number(minutes)) * 60_000 + Number(amount) * unitMs)
}

function wish(ms: number): number | undefined {
  if (!(ms > 0)) return undefined
  return Math.min(Math.ceil(Number(ms.toFixed(3))), MODEL_CLOCKS.mostRetryAfterMs)
}

function nonNegative(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
