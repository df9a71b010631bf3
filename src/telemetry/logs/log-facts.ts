import type { Logger } from 'pino'
import { LOG_AREAS, type LogArea } from '../../contracts/processes/log-levels.ts'
import type { FactSink } from '../telemetry.ts'
import { areaOf } from './area-of.ts'
import { lineOf } from './fact-lines.ts'

/** Writes a line of the log for each fact, at the level of its area. */
export function logFacts(root: Logger): FactSink {
  const loggers = Object.fromEntries(LOG_AREAS.map((area) => [area, areaOf(root, area)])) as Record<
    LogArea,
    Logger
  >
  return {
    take(fact) {
      const line = lineOf(fact)
      if (line === null) return
      const { area, level, fields, text } = line
      const logger = loggers[area]
      if (logger.isLevelEnabled(level)) logger[level](fields, text)
    },
  }
}
