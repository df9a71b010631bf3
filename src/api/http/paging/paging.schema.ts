import { z } from 'zod'
import { HTTP } from '../../../policies/api.ts'

const { default: usual, most } = HTTP.pageLimit
const WHOLE = /^(0|[1-9]\d{0,9})$/

/** A query parameter that is a whole number: everything in a query string is text. */
export function whole(least: number, greatest: number) {
  const read = (text: unknown) => (typeof text === 'string' && WHOLE.test(text) ? Number(text) : text)
  return z.preprocess(read, z.int().min(least).max(greatest))
}

export const limit = whole(1, most)
  .default(usual)
  .describe(`Entries of a page: 1 to ${most}, ${usual} if not said.`)
  .meta({ default: usual })

export const cursor = z.string().min(1).max(500).optional().describe('The `next` of the page before.')

/** For a path without query parameters: any that is sent is a mistake, and refused. */
export const noQuery = z.strictObject({})

/** The place after which a page of a run's events or messages begins. */
export const afterSeq = whole(0, 2_147_483_647)
  .optional()
  .describe('The `next` of the page before, or the `seq` of an entry.')

/** A page of a list. */
export function pageOf<T extends z.ZodType>(entry: T) {
  return z.strictObject({
    object: z.literal('list'),
    data: z.array(entry),
    has_more: z.boolean(),
    next: z.string().nullable().describe('Give it as `after` to get the page that follows.'),
  })
}
