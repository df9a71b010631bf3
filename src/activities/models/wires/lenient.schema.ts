import { z } from 'zod'

/*
 * Providers leave fields out, send null, or send another type. A schema of what we read of them never fails over one field: the
 * field counts as missing.
 */

export function maybe<S extends z.ZodType>(schema: S) {
  return schema.optional().catch(undefined)
}

export const maybeText = maybe(z.string())
export const maybeNumber = maybe(z.number())

/** Entries that are of another kind are left out; no list at all is an empty one. */
export function listOf<S extends z.ZodType>(schema: S) {
  return z
    .array(maybe(schema))
    .catch([])
    .transform((list) => list.filter((entry) => entry !== undefined))
}

/** An object with all its fields, of which none is looked at. */
export const anyObject = z.record(z.string(), z.unknown())
