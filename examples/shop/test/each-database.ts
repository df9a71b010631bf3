import { after, describe } from 'node:test'
import { openTestDatabase, type TestDatabase } from 'holdfast/testing'
import shop from '../app.ts'

/** A Postgres server for tests; without one they run on the embedded database alone. */
const SERVER = process.env['TEST_DATABASE_URL']

/** The databases that the shop's statements have to work on, and what `holdfast/testing` takes for each. */
export const DATABASES = [
  { name: 'pglite', skip: false, options: {} },
  {
    name: 'postgres',
    skip: SERVER === undefined && 'TEST_DATABASE_URL is not set',
    options: onServer(SERVER),
  },
] as const

function onServer(databaseUrl: string | undefined): { readonly databaseUrl?: string } {
  return databaseUrl === undefined ? {} : { databaseUrl }
}

/** Runs a suite on every database. Those that `open` has returned, with the shop's tables and no rows, are closed when it ends. */
export function forEachDatabase(suite: (open: () => Promise<TestDatabase>) => void): void {
  for (const { name, skip, options } of DATABASES) {
    describe(`on ${name}`, { skip }, () => {
      const opened: TestDatabase[] = []
      suite(async () => {
        const database = await openTestDatabase({ app: shop, ...options })
        opened.push(database)
        return database
      })
      after(async () => {
        for (const database of opened) await database.close()
      })
    })
  }
}
