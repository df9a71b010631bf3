import { z } from 'zod'

const NUL = String.fromCharCode(0)

/** Text that the store gives back as it came: Postgres takes no NUL, and UTF-8 has no half of a surrogate pair. */
export function text(mostCharacters: number) {
  return z
    .string()
    .max(mostCharacters)
    .refine(
      (value) => value.isWellFormed() && !value.includes(NUL),
      'Must not contain NUL or unpaired surrogates.',
    )
}

/** Text that says something: providers refuse messages of nothing but white space. */
export function spoken(mostCharacters: number) {
  return text(mostCharacters)
    .refine((value) => value.trim() !== '', 'Must not be blank.')
    .meta({ minLength: 1 })
}
