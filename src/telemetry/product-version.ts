import { readFileSync } from 'node:fs'

/** The version of Holdfast that runs in this process. */
export function productVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
