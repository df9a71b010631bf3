import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker'
import type { Logger } from 'pino'

/** Writes Temporal's log lines into the process's own log: one stream, one format, one level. */
export function temporalLogger(logger: Logger): TemporalLogger {
  return new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const { error, ...rest } = { ...meta } as { error?: unknown }
    logger[LEVELS[level]]({ ...(error !== undefined && { err: error }), ...rest }, message)
  })
}

/** The SDK's lines about its own workings are one level less important in the product's log. */
const LEVELS = { TRACE: 'trace', DEBUG: 'trace', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const
