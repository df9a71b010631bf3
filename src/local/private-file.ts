import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** The file's text; null where there is none. */
export function readPrivateFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Writes a file that only its owner can read. A reader sees the old file or the whole new one. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${text}\n`, { mode: 0o600, flush: true })
  renameSync(draft, path)
}
