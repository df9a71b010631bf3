import type { Logger } from 'pino'
import type { Migrated } from './migrate.ts'

/**
 * A schema that a later release has brought up to date is no fault: a deploy begins with it, and a step back leaves it. Only the
 * release just before is promised to work on it.
 */
export function warnOfNewerSchema({ schema, known }: Migrated, logger: Pick<Logger, 'warn'>): void {
  if (schema > known) logger.warn({ schema, known }, 'the schema is that of a later release')
}
