import { z } from 'zod'

const NUL = String.fromCharCode(0)

/** Text that the store can keep unchanged: Postgres refuses NUL, and UTF-8 cannot encode half a surrogate pair. */
export function text(mostCharacters: number) {
  return z
    .string()
    .refine((value) => hasAtMost(value, mostCharacters), `Must be at most ${mostCharacters} characters long.`)
    .refine(
      (value) => value.isWellFormed() && !value.includes(NUL),
      'Must not contain NUL or unpaired surrogates.',
    )
    .meta({ maxLength: mostCharacters, pattern: WITHOUT_NUL })
}

/** Text with more than white space, without which providers refuse a message. */
export function spoken(mostCharacters: number) {
  return text(mostCharacters)
    .refine((value) => value.trim() !== '', 'Must not be blank.')
    .meta({ minLength: 1, allOf: [{ pattern: '\\S' }] })
}

/** Counts code points, as JSON Schema does: in JavaScript a character outside the first plane has a length of two. */
export function hasAtMost(value: string, mostCharacters: number): boolean {
  return value.length <= mostCharacters || charactersOf(value) <= mostCharacters
}

export function charactersOf(value: string): number {
  let pairs = 0
  for (let at = 0; at < value.length; at += 1) {
    if (!isHigh(value.charCodeAt(at)) || !isLow(value.charCodeAt(at + 1))) continue
    pairs += 1
    at += 1
  }
  return value.length - pairs
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff

/** The document's pattern leaves surrogates out, since JSON Schema cannot express half a pair. */
export const WITHOUT_NUL = '^[^\\u0000]*$'
