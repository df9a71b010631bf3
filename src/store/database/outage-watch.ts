import type { Logger } from 'pino'

/** Logs when the store goes away and when it is back: one line each, however many statements fail. */
export interface OutageWatch {
  /** A connection was lost, or could not be opened. */
  lost(error: unknown): void
  answered(): void
}

export function createOutageWatch(logger: Pick<Logger, 'warn' | 'info'>): OutageWatch {
  let since: number | null = null
  return {
    lost(err) {
      if (since !== null) return
      since = performance.now()
      logger.warn({ err }, 'The store is away. What needs it is repeated until it is back.')
    },
    answered() {
      if (since === null) return
      logger.info({ durationMs: Math.round(performance.now() - since) }, 'The store is back.')
      since = null
    },
  }
}
