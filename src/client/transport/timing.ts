/** How long the client waits for what, and how often it tries. */
export interface Timing {
  /** How often a request is sent again that did not come through. 0: never. */
  readonly retries: number
  /** Wait before the first repetition, in milliseconds; each further wait is twice as long. A random part of up to a half is left out. */
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  /** An API that asks for a longer pause (`Retry-After`) is not waited for: the request fails. */
  readonly longestRetryAfterMs: number
  /** An answer that is not there after so long is given up, a wait that was asked for not counted. */
  readonly answerMs: number
  /** A stream that is silent for so long is opened again: the API sends something every 15 s. */
  readonly silenceMs: number
}

export const TIMING: Timing = {
  retries: 5,
  firstDelayMs: 500,
  longestDelayMs: 8_000,
  longestRetryAfterMs: 60_000,
  answerMs: 30_000,
  silenceMs: 45_000,
}

/** The wait before repetition `made` + 1, in milliseconds. @param random from 0 to 1 */
export function delayOf(
  { firstDelayMs, longestDelayMs }: Timing,
  made: number,
  random: number = Math.random(),
): number {
  return Math.min(firstDelayMs * 2 ** made, longestDelayMs) * (1 - random / 2)
}

/** Resolves after `ms`. @throws the signal's reason as soon as it aborts */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    }, ms)
    if (signal?.aborted) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
  })
}
