import { visible } from '../contracts/operator-text.ts'
import { textTable } from '../contracts/text-table.ts'

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Tells a person, whatever becomes of the output. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** For programs: a value a line. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value))
}

/** A table for a person; `nothing` where it has no rows. */
export function sayTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  nothing: string,
): void {
  say(rows.length === 0 ? nothing : textTable([headings, ...rows]))
}

/** Names and values below each other, those without a value left out. */
export function sayFields(fields: Readonly<Record<string, string | number | null | undefined>>): void {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  const width = Math.max(...known.map(([name]) => name.length))
  for (const [name, value] of known) say(`${name.padEnd(width)}  ${visible(String(value))}`)
}

/** Words of a person or a model, with their own line breaks. */
export function sayWords(words: string): void {
  say(words.split('\n').map(visible).join('\n'))
}

/** `2026-11-27 10:14:02`, of a time as the API has it. */
export function second(time: string | null | undefined): string {
  return time?.slice(0, 19).replace('T', ' ') ?? '–'
}
