import type { Json } from '../../contracts/json.ts'

/**
 * What Postgres can't keep: the NUL character, and halves of surrogate pairs, which `JSON.stringify` spells as escapes. Models
 * do produce both. An even number of backslashes before the escape means that it is one.
 */
const UNSTORABLE_ESCAPE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g
const REPLACEMENT = '\uFFFD'

/** The text of a JSON column. What can't be kept becomes U+FFFD, so that one odd character never stops a run. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value)
  return text.includes('\\u') ? text.replace(UNSTORABLE_ESCAPE, `$1${REPLACEMENT}`) : text
}

/**
 * The same for a text column, null included. Halves of pairs are replaced here, too: PGlite reckons with fewer bytes for them than
 * they become, and cuts a text of many.
 */
export function storableText<T extends string | null>(text: T): T | string {
  return text === null ? text : text.toWellFormed().replaceAll('\0', REPLACEMENT)
}

/** The value as it comes back from a JSON column. To be taken before a hash of it, so that what is kept is what was hashed. */
export function storableCopy(value: unknown): Json {
  return JSON.parse(storableJson(value)) as Json
}
