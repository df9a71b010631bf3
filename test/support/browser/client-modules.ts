import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sourceFiles } from '../../architecture/source-files.ts'

/** Writes the modules of `holdfast/client` as JavaScript, as a build does, and resolves to the folder's URL. */
export async function writeClientModules(directory: string): Promise<URL> {
  for (const file of await sourceFiles('src/client')) {
    const code = stripTypeScriptTypes(await readFile(file, 'utf8')).replaceAll(/\.ts'/g, ".js'")
    const path = join(directory, relative('src/client', file).replace(/\.ts$/, '.js'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, code)
  }
  return pathToFileURL(`${directory}/`)
}
