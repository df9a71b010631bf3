import { z } from 'zod'

/*
 * Providers leave fields out, send null, or send another type. Schemas of their answers never fail because of one field: such a field
 * counts as missing.
 */

export function maybe<S extends z.ZodType>(schema: S) {
  return schema.optional().catch(undefined)
}

export const maybeText = maybe(z.string())
export const maybeNumber = maybe(z.number())

/** Entries of another type are left out; a value that is no list counts as an empty one. */
export function listOf<S extends z.ZodType>(schema: S) {
  return z
    .array(maybe(schema))
    .catch([])
    .transform((list) => list.filter((entry) => entry !== undefined))
}

/** An object with all its fields, unchecked. */
export const anyObject = z.record(z.string(), z.unknown())
