import type { Logger } from 'pino'
import type { FactType } from './facts.ts'
import type { FactSink } from './telemetry.ts'

/**
 * Keeps the errors of a sink from the work that it is told of: an answer that is stored would otherwise be settled as a failed one. The
 * first error of each type of fact is logged.
 */
export function fencedSink(sink: FactSink, logger: Pick<Logger, 'error'>): FactSink {
  const failed = new Set<FactType>()
  return {
    take(fact) {
      try {
        sink.take(fact)
      } catch (err) {
        if (failed.has(fact.type)) return
        failed.add(fact.type)
        logger.error({ err, fact: fact.type }, 'a fact could not be told')
      }
    },
  }
}
