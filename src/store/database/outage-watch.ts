import type { Logger } from 'pino'

/** Tells when the store, or another server, goes away and when it is back: one line each, however many statements fail. */
export interface OutageWatch {
  /** A connection was lost, or could not be opened. */
  lost(error: unknown): void
  answered(): void
}

/** Is told of an outage, too, for whatever else watches the process. */
export interface OutageListener {
  began(): void
  ended(awayMs: number): void
}

/** @param what what is away, as the log calls it */
export function createOutageWatch(
  logger: Pick<Logger, 'warn' | 'info'>,
  listener?: OutageListener,
  what = 'The store',
): OutageWatch {
  let since: number | null = null
  return {
    lost(err) {
      if (since !== null) return
      since = performance.now()
      logger.warn({ err }, `${what} is away. What needs it is repeated until it is back.`)
      listener?.began()
    },
    answered() {
      if (since === null) return
      const awayMs = Math.round(performance.now() - since)
      since = null
      logger.info({ durationMs: awayMs }, `${what} is back.`)
      listener?.ended(awayMs)
    },
  }
}
