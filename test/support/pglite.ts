import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { migrate } from '../../src/store/database/migrate.ts'
import { overPglite } from '../../src/store/database/pglite.ts'
import { schemaVersion } from './schema-version.ts'
import type { TestDatabase } from './test-database.ts'

const MODULES = join(import.meta.dirname, '../../node_modules')
const CACHE = join(MODULES, '.cache/holdfast')

/**
 * A fresh embedded database in memory. An empty cluster takes three seconds to make, a copy half a second: so one is made,
 * kept in the cache folder under the versions of PGlite and the schema, and copied.
 */
export async function openPgliteTestDatabase(): Promise<TestDatabase> {
  const template = join(CACHE, `pglite-${await pgliteVersion()}-${schemaVersion()}.tar`)
  const copied = await readFile(template).then(
    (bytes) => new Blob([bytes]),
    () => makeTemplate(template),
  )
  const database = overPglite(await PGlite.create({ loadDataDir: copied }))
  return { database, close: () => database.close() }
}

async function makeTemplate(path: string): Promise<Blob> {
  const pglite = await PGlite.create()
  const database = overPglite(pglite)
  await migrate(database)
  const dump = await pglite.dumpDataDir('none')
  await database.close()
  await mkdir(CACHE, { recursive: true })
  for (const old of await readdir(CACHE)) {
    if (/^pglite-.*\.tar$/.test(old)) await rm(join(CACHE, old), { force: true })
  }
  // Written aside and renamed: several test files may do this at once.
  const aside = `${path}.${process.pid}`
  await writeFile(aside, dump.stream())
  await rename(aside, path)
  return dump
}

async function pgliteVersion(): Promise<string> {
  const manifest = await readFile(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
