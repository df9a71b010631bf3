import { METRICS } from '../policies/operations/telemetry.ts'
import { inTime } from '../store/database/in-time.ts'

interface CacheOptions {
  /** How long an answer counts, in milliseconds; a failure counts as long. */
  readonly keptMs: number
  /** How long an asker waits, in milliseconds. */
  readonly withinMs: number
  /** How long a question may stay without an answer before it counts as failed, in milliseconds. */
  readonly givenUpAfterMs?: number
}

/**
 * Asks at most once in `keptMs`, and never twice at once, however many ask. An asker gets null where `load` has failed, or does not answer in
 * time; a late answer is kept for the next asker.
 */
export function cached<T>(
  load: () => Promise<T>,
  { keptMs, withinMs, givenUpAfterMs = METRICS.givenUpAfterMs }: CacheOptions,
): () => Promise<T | null> {
  let kept: { readonly value: T | null; readonly until: number } | null = null
  let underWay: Promise<T | null> | null = null

  async function ask(): Promise<T | null> {
    const value = await inTime(givenUpAfterMs, load()).catch(() => null)
    kept = { value, until: performance.now() + keptMs }
    underWay = null
    return value
  }

  return async () => {
    if (kept !== null && performance.now() < kept.until) return kept.value
    underWay ??= ask()
    return inTime(withinMs, underWay)
  }
}
