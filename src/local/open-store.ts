import { join } from 'node:path'
import type { Logger } from 'pino'
import type { App } from '../app/app.ts'
import type { Config } from '../config/config.ts'
import { toAppDatabase } from '../store/database/app-database.ts'
import type { Database } from '../store/database/database.ts'
import { migrateAtStart } from '../store/database/migrate-at-start.ts'
import { openPglite, type PgliteOptions } from '../store/database/pglite.ts'
import { openPostgres, type PostgresOptions } from '../store/database/postgres.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { StartError } from './start-error.ts'

/** Opens the store, migrates it for the application, and seeds it with the rows that the application has for trying things. */
export async function openStore(
  { dataDir, databaseUrl }: Config,
  app: Pick<App, 'name' | 'migrations' | 'local'>,
  logger: Logger,
  listeners: Pick<PostgresOptions, 'onOutage' | 'onSlow'> = {},
): Promise<Database> {
  const database =
    databaseUrl === null
      ? await openEmbedded({ dir: join(dataDir, 'pg'), ...listeners })
      : openPostgres({
          url: databaseUrl,
          logger: areaOf(logger, 'store'),
          ...listeners,
        })
  try {
    await database.ping().catch((error: Error) => {
      throw new StartError(
        `The database at ${describeStore(databaseUrl)} does not answer (${error.message}).`,
      )
    })
    await migrateAtStart(database, app, logger)
    await app.local.seed?.(toAppDatabase(database))
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** @throws StartError where the directory holds no database, a damaged one, or one of another version of Postgres */
async function openEmbedded(options: PgliteOptions & { readonly dir: string }): Promise<Database> {
  return openPglite(options).catch((cause: unknown) => {
    throw new StartError(
      `The database in ${options.dir} cannot be opened: it is damaged, or was made by something else. ` +
        'Move or delete that directory to start with an empty one, or set HOLDFAST_DATA_DIR to another.',
      { cause },
    )
  })
}

/** Host and database, without the credentials, for a person to read. */
export function describeStore(databaseUrl: string | null): string {
  if (databaseUrl === null) return 'embedded Postgres'
  const { host, pathname } = new URL(databaseUrl)
  return `postgres://${host}${pathname}`
}
