import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HISTORIES } from './history-files.ts'

const FILE = join(HISTORIES, 'SOURCES.md')

const HEAD = `# Where these histories come from

Each file is the history of one workflow execution, recorded by \`node test/system/replay/record.ts\`: the real API, worker, store and
Temporal server, with scripted models behind the real adapters. What each run does is in \`test/system/replay/scenarios/\`. The
recording's server suggests continue-as-new after fewer events than others, so that the long ones stay short. Afterwards the
worker's name and the paths of the checkout are taken out; nothing else is changed, and nothing is written by hand: a
history without the SDK's own flags is compared less strictly.

Histories of a release stay for ever, as they are: a run of it may still be waiting for somebody.
0.2.1 was no release: these are of a state before 0.3.0 whose histories had the whole plan, in format 3.

| file | shows | events | recorded | with |
|---|---|---|---|---|
`

export interface Source {
  readonly file: string
  readonly shows: string
  readonly events: number
  /** YYYY-MM-DD */
  readonly recorded: string
  readonly madeWith: string
}

/** The files that SOURCES.md tells about, each with its line. */
export function readSources(): Map<string, string> {
  const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
  return new Map([...text.matchAll(/^\| `([^`]+)` .*$/gm)].map(([line, file]) => [String(file), line]))
}

/** Tells of these files, and no longer of those that were removed. */
export function noteSources(removed: readonly string[], added: readonly Source[]): void {
  const lines = readSources()
  for (const file of removed) lines.delete(file)
  for (const { file, shows, events, recorded, madeWith } of added) {
    lines.set(file, `| \`${file}\` | ${shows} | ${events} | ${recorded} | ${madeWith} |`)
  }
  const sorted = [...lines].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  writeFileSync(FILE, `${HEAD}${sorted.map(([, line]) => line).join('\n')}\n`)
}
