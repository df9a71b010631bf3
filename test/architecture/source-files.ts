import { glob, readFile } from 'node:fs/promises'
import { posix } from 'node:path'

export interface Import {
  /** `src/…` for a file of ours, otherwise the package or module as it is named. */
  readonly target: string
  readonly typeOnly: boolean
  /** Loaded when the program comes to it, if it does. */
  readonly dynamic: boolean
}

export async function sourceFiles(root: string): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(`${root}/**/*.ts`)) files.push(file.replaceAll('\\', '/'))
  return files.sort()
}

const STATEMENT =
  /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm

/** The imports and re-exports of one file. */
export async function importsOf(file: string): Promise<Import[]> {
  const text = await readFile(file, 'utf8')
  return [...text.matchAll(STATEMENT)].map(([, type, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? ''
    const target = name.startsWith('.') ? posix.join(posix.dirname(file), name) : name
    return { target, typeOnly: type !== undefined, dynamic: dynamic !== undefined }
  })
}
