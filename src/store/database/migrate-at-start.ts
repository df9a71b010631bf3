import type { Logger } from 'pino'
import type { App } from '../../app/app.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { hasTenantWall } from './tenants/tenant-wall.ts'

/**
 * Brings the schema up to date, as the first thing that a process does with its store, and warns of what its operator has to know.
 * A schema that a later release has brought up to date is no fault: a deploy begins with it, and a step back leaves it. Only the release
 * just before is promised to work on it.
 */
export async function migrateAtStart(
  database: Database,
  app: Pick<App, 'name' | 'migrations'>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const { schema, known } = await migrate(database, app)
  if (schema > known) logger.warn({ schema, known }, 'the schema is that of a later release')
  // The database warns where row-level security is off: now, and not with the first request.
  await hasTenantWall(database)
}
