import { z } from 'zod'
import { maybe, maybeText } from '../wires/lenient.schema.ts'

const word = maybe(z.union([z.string(), z.number()]))

/** What providers put into an error, wherever they put it. */
export const TOLD = z.object({
  message: maybeText,
  code: word,
  type: word,
  status: word,
  details: maybe(z.object({ error_code: word })),
})

export type Told = z.output<typeof TOLD>
