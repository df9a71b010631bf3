import { z } from 'zod'
import { HTTP } from '../../policies/api.ts'

/** For the document: the headers are read, and their mistakes told, by their own readers. */
export const startHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe('1 to 255 visible ASCII characters, bare or quoted. Belongs to the principal that sends it.'),
  prefer: z
    .string()
    .optional()
    .describe(
      `\`wait=N\`: answer when the run has ended or requires action, or after N seconds (at most ${HTTP.longestWaitSeconds}).`,
    ),
})
