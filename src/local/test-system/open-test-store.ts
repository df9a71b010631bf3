import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Database } from '../../store/database/database.ts'
import { migrate } from '../../store/database/migrate.ts'
import { overPglite } from '../../store/database/pglite.ts'

/** A template takes tens of megabytes. */
const KEEP_TEMPLATES_MS = 30 * 86_400_000

/**
 * An empty database in memory, with the product's tables. It is a copy of a template in the cache, which is named after the versions of
 * PGlite and the schema: to make a database takes seconds, to copy one half a second.
 */
export async function openTestStore(cacheDir: string): Promise<Database> {
  const template = join(cacheDir, `pglite-${await versionOfTemplate()}.tar`)
  const bytes = await readFile(template).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return makeTemplate(template)
    throw error
  })
  return overPglite(await PGlite.create({ loadDataDir: new Blob([bytes]) }))
}

async function makeTemplate(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const pglite = await PGlite.create()
  const database = overPglite(pglite)
  await migrate(database)
  const dump = await pglite.dumpDataDir('none')
  await database.close()
  const bytes = new Uint8Array(await dump.arrayBuffer())
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  await removeOldTemplates(folder)
  // Written to another file and renamed, since several test files may do this at once.
  const aside = `${path}.${process.pid}`
  await writeFile(aside, bytes)
  await rename(aside, path)
  return bytes
}

/** Other versions may still be in use, by another checkout or project, so only those go that are long behind; they are made again. */
async function removeOldTemplates(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^pglite-.*\.tar$/.test(name)) continue
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > KEEP_TEMPLATES_MS) await rm(path, { force: true })
  }
}

async function versionOfTemplate(): Promise<string> {
  const hash = createHash('sha256')
  const manifest = await readFile(new URL('../../../package.json', import.meta.url), 'utf8')
  // The manifest pins an exact version, so it is the one that is installed.
  hash.update((JSON.parse(manifest) as Manifest).dependencies['@electric-sql/pglite'] ?? '')
  const folder = new URL('../../store/migrations/', import.meta.url)
  for (const name of (await readdir(folder)).sort()) hash.update(await readFile(new URL(name, folder)))
  return hash.digest('hex').slice(0, 16)
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}
