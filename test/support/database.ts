import { after, describe } from 'node:test'
import type { Database } from '../../src/store/database/database.ts'
import { openPgliteTestDatabase } from './pglite.ts'
import { openPostgresTestDatabase } from './postgres-database.ts'

/** Opens a fresh, migrated database. */
export type OpenDatabase = () => Promise<Database>

const OPENERS = { pglite: openPgliteTestDatabase, postgres: openPostgresTestDatabase }

/** Runs a suite on PGlite and on Postgres. Databases that `open` has returned are closed and removed when the suite ends. */
export function forEachDatabase(suite: (name: Database['kind'], open: OpenDatabase) => void): void {
  for (const name of ['pglite', 'postgres'] as const) {
    describe(`on ${name}`, () => {
      const closers: (() => Promise<void>)[] = []
      suite(name, async () => {
        const { database, close } = await OPENERS[name]()
        closers.push(close)
        return database
      })
      after(async () => {
        for (const close of closers) await close()
      })
    })
  }
}
