import { z } from 'zod'
import { maybe, maybeText } from '../wires/lenient.schema.ts'

const word = maybe(z.union([z.string(), z.number()]))

/** The fields of an error, of all providers. */
export const REPORTED_ERROR = z.object({
  message: maybeText,
  code: word,
  type: word,
  status: word,
  details: maybe(z.object({ error_code: word })),
})

export type ErrorReport = z.output<typeof REPORTED_ERROR>
