import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker'
import type { Logger } from 'pino'

/** Temporal's log lines in ours: one stream, one format, one level. */
export function temporalLogger(logger: Logger): TemporalLogger {
  return new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const { error, ...rest } = { ...meta } as { error?: unknown }
    logger[LEVELS[level]]({ ...(error !== undefined && { err: error }), ...rest }, message)
  })
}

/** What the SDK finds worth telling about itself is detail to us. */
const LEVELS = { TRACE: 'trace', DEBUG: 'trace', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const
