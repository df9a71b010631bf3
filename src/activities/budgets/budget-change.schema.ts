import { z } from 'zod'

/**
 * A change of a run's budget as a signal may bring it: anybody who can reach Temporal can send one, so its shape is not to be
 * trusted. Whether its limits make sense is for the run to say.
 */
export const BUDGET_CHANGE = z.object({
  limits: z.record(z.string(), z.number()).optional(),
  add: z.record(z.string(), z.number()).optional(),
  by: z.string().min(1),
  signature: z.string().optional(),
})
