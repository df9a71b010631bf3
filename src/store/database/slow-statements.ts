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

/** What a transaction has done for its first statement: it has waited for a connection, and begun. Milliseconds. */
export interface Beforehand {
  readonly waitedMs: number
  /** With the wait. */
  readonly tookMs: number
}

/**
 * Does the work of a statement, and tells the listener where it took long.
 *
 * @param work calls back once it has a connection, where it has none yet
 */
export async function watchedForSlowness<T>(
  listener: SlowListener,
  name: string | undefined,
  work: (connected: () => void) => Promise<T>,
  before: Beforehand = { waitedMs: 0, tookMs: 0 },
): Promise<T> {
  const startedAtMs = Date.now() - Math.floor(before.tookMs)
  const since = performance.now() - before.tookMs
  let { waitedMs } = before

  function tell(failed: { readonly error?: unknown }): void {
    const durationMs = Math.floor(performance.now() - since)
    if (durationMs < SLOW_STATEMENT_MS) return
    const took = { startedAtMs, durationMs, waitedMs: Math.floor(waitedMs) }
    listener({ ...(name !== undefined && { name }), ...took, ...failed })
  }

  try {
    const result = await work(() => {
      waitedMs = performance.now() - since
    })
    tell({})
    return result
  } catch (error) {
    tell({ error })
    throw error
  }
}
