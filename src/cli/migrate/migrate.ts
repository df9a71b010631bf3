import { pino } from 'pino'
import { loadApp } from '../../app/load-app.ts'
import { ConfigError, loadConfig } from '../../config/config.ts'
import { migrate as bringUpToDate } from '../../store/database/migrate.ts'
import { openPostgres } from '../../store/database/postgres.ts'
import { hasTenantWall, NO_WALL } from '../../store/database/tenants/tenant-wall.ts'
import { readAppArguments } from '../app-argument.ts'

/** `holdfast migrate [APP]`: brings the schema up to date and ends, as the first step of a deploy. */
export async function migrate(args: readonly string[]): Promise<number> {
  const app = await loadApp(readAppArguments('migrate', args).file)
  // Without the application's variables: whoever migrates need not have its secrets.
  const { databaseUrl } = loadConfig()
  if (databaseUrl === null) throw new ConfigError(['DATABASE_URL is not set: a Postgres server'])
  const database = openPostgres({ url: databaseUrl, logger: pino({ level: 'silent' }) })
  try {
    const { ran, schema, known } = await bringUpToDate(database, app)
    for (const file of ran) say(`has run ${file}`)
    if (schema > known)
      say(
        `The schema has version ${schema}, of a later release: this one brings ${known}. Nothing was changed.`,
      )
    else say(`The schema has version ${schema}, ${ran.length === 0 ? 'as before' : 'and is up to date'}.`)
    if (!(await hasTenantWall(database))) say(NO_WALL)
    return 0
  } finally {
    await database.close()
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
