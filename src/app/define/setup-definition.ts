import type { z } from 'zod'

/** The outside of an application, whatever its types: two definitions belong together when they have the same one. */
export interface Setup {
  readonly env: z.ZodObject | null
  readonly services: ((given: { readonly env: never }) => unknown) | null
}
