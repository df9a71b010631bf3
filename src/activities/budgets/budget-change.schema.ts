import { z } from 'zod'

/**
 * A change of a run's budget in a signal. Whoever reaches Temporal can send one, so its shape is checked; the workflow checks its limits.
 */
export const BUDGET_CHANGE = z.object({
  limits: z.record(z.string(), z.number()).optional(),
  add: z.record(z.string(), z.number()).optional(),
  by: z.string().min(1),
  signature: z.string().optional(),
})
