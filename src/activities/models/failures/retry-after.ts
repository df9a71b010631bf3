import { MODEL_CLOCKS } from '../../../policies/models/models.ts'

/**
 * How long the provider asks us to wait, in whole milliseconds, rounded up so that we are never early: `retry-after-ms`, else
 * `retry-after` in seconds (some servers send fractions) or as an HTTP date. undefined where neither can be read, and for 0, where our
 * own backoff is the better guess. At most `MODEL_CLOCKS.mostRetryAfterMs`, since a header may have a number of any length.
 */
export function readRetryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const exact = nonNegative(headers.get('retry-after-ms'))
  if (exact !== undefined) return boundedDelay(exact)

  const header = headers.get('retry-after')
  const seconds = nonNegative(header)
  if (seconds !== undefined) return boundedDelay(seconds * 1_000)

  // An HTTP date begins with the day's name; `Date.parse` alone would take "-5" for a date as well.
  if (header === null || !/^[A-Z][a-z]/.test(header.trim())) return undefined
  return boundedDelay(Date.parse(header) - now)
}

const DELAY_IN_WORDS =
  /\b(?:try again|retry)(?: again)?(?: in| after)? (?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?) ?(ms|milliseconds?|s|sec|seconds?)\b)?/i

/** The same from a message's text: "Please try again in 11.054s", "in 1m30s", "in 250ms". */
export function readRetryAfterWords(text: string): number | undefined {
  const [, hours = '0', minutes = '0', amount = '0', unit = 's'] = DELAY_IN_WORDS.exec(text) ?? []
  const unitMs = /^m/i.test(unit) ? 1 : 1_000
  return boundedDelay((Number(hours) * 60 + Number(minutes)) * 60_000 + Number(amount) * unitMs)
}

function boundedDelay(ms: number): number | undefined {
  if (!(ms > 0)) return undefined
  return Math.min(Math.ceil(Number(ms.toFixed(3))), MODEL_CLOCKS.mostRetryAfterMs)
}

function nonNegative(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
