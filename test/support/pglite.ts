import { join } from 'node:path'
import { openTestStore } from '../../src/local/test-system/open-test-store.ts'
import type { TestDatabase } from './test-database.ts'

/** Beside the packages, so that a checkout's templates go when its packages go. */
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/holdfast')

/** A fresh embedded database in memory, copied from a template that the first test process makes. */
export async function openPgliteTestDatabase(): Promise<TestDatabase> {
  const database = await openTestStore(CACHE)
  return { database, close: () => database.close() }
}
