import { SLOW_STATEMENT_MS } from '../../policies/operations/telemetry.ts'

/** A statement that took long. Times are milliseconds, the first one since 1970. */
export interface SlowStatement {
  /** Of a prepared statement. */
  readonly name?: string
  readonly startedAtMs: number
  readonly durationMs: number
  /** The part of it before there was a connection. */
  readonly waitedMs: number
  /** What it failed with. */
  readonly error?: unknown
}

/** Is told of slow statements in the context of whoever has sent them. */
export type SlowListener = (slow: SlowStatement) => void

/**
 * Does the work of a statement, and tells the listener where it took long.
 *
 * @param work calls back once it has a connection
 */
export async function watchedForSlowness<T>(
  listener: SlowListener,
  name: string | undefined,
  work: (connected: () => void) => Promise<T>,
): Promise<T> {
  const startedAtMs = Date.now()
  const since = performance.now()
  let waitedMs = 0

  function tell(failed: { readonly error?: unknown }): void {
    const durationMs = Math.floor(performance.now() - since)
    if (durationMs < SLOW_STATEMENT_MS) return
    listener({ ...(name !== undefined && { name }), startedAtMs, durationMs, waitedMs, ...failed })
  }

  try {
    const result = await work(() => {
      waitedMs = Math.floor(performance.now() - since)
    })
    tell({})
    return result
  } catch (error) {
    tell({ error })
    throw error
  }
}
