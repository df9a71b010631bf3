import pino from 'pino'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'

/* A process that brings a database up to date and ends, as the API and the workers do when they start. */
const database = openPostgres({ url: process.argv[2] ?? '', logger: pino({ level: 'silent' }) })
await migrate(database)
await database.close()
