import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AnyAppDefinition } from '../define/app-definition.ts'

const MIGRATION = /^(\d{3,})\.do\.[A-Za-z0-9_.-]+\.sql$/

/** Yields the problem of a folder that the application names. */
export function* checkFolder(field: 'prompts' | 'migrations', folder: unknown): Generator<string> {
  const example = `new URL("./${field}/", import.meta.url)`
  if (!isFileUrl(folder)) {
    yield `${field} is not a folder's URL. Write ${field}: ${example}.`
  } else if (!isFolder(folder)) {
    yield `${field}: there is no folder ${fileURLToPath(folder)}. Make it, or drop ${field}.`
  }
}

/** Yields the problems of migration files. The migrator skips a file with another name, and its table would be missed much later. */
export function* checkMigrations({ migrations }: AnyAppDefinition): Generator<string> {
  if (!isFileUrl(migrations) || !isFolder(migrations)) return
  const files = readdirSync(migrations).filter((file) => file.endsWith('.sql'))
  const numbers = new Map<number, string>()
  if (files.length === 0)
    yield 'migrations has no file. Add one, such as 001.do.invoices.sql, or drop migrations.'
  for (const file of files.sort()) {
    const [, digits] = MIGRATION.exec(file) ?? []
    if (digits === undefined) {
      yield `migrations: ${file} would never be run. Name it NNN.do.name.sql, such as 001.do.invoices.sql.`
      continue
    }
    const other = numbers.get(Number(digits))
    if (other !== undefined)
      yield `migrations: ${other} and ${file} have one number. Give the newer one the next.`
    numbers.set(Number(digits), file)
  }
}

export function isFileUrl(value: unknown): value is URL {
  return value instanceof URL && value.protocol === 'file:'
}

export function isFolder(url: URL): boolean {
  return existsSync(url) && statSync(url).isDirectory()
}
