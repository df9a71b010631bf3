import type { Json } from '../../contracts/json.ts'

/**
 * Escapes that Postgres cannot store: the NUL character and halves of surrogate pairs, as `JSON.stringify` writes them. Models produce
 * both. After an odd number of backslashes, `\u0000` is text and not an escape.
 */
const UNSTORABLE_ESCAPE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g
const REPLACEMENT = '\uFFFD'

/** The text for a JSON column. What Postgres cannot store becomes U+FFFD, so that one odd character never stops a run. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value)
  return text.includes('\\u')
    ? text.replace(UNSTORABLE_ESCAPE, (_, backslashes: string) => backslashes + REPLACEMENT)
    : text
}

/**
 * The same for a text column, which may be null. It also replaces halves of surrogate pairs: PGlite counts fewer bytes for them than
 * they become in UTF-8, and cuts the end off a text with many.
 */
export function storableText<T extends string | null>(text: T): T | string {
  return text === null ? text : text.toWellFormed().replaceAll('\0', REPLACEMENT)
}

/** The value as it will come back from a JSON column. To be hashed in place of the original, whose hash the stored value may not have. */
export function storableCopy(value: unknown): Json {
  return JSON.parse(storableJson(value)) as Json
}
