import { z } from 'zod'

const count = z.int().min(0)

/** What a run has used, sub-agents left out. */
export const runUsage = z
  .strictObject({
    input_tokens: count.describe('All of them, cached ones included.'),
    cached_input_tokens: count,
    output_tokens: count,
    model_calls: count,
    tool_calls: count,
    cost_micro_usd: count.nullable().describe('null where the price of a call is not known.'),
    estimated: z
      .literal(true)
      .optional()
      .describe('There where a server has counted no tokens: those of its calls are an estimate.'),
  })
  .meta({ id: 'RunUsage' })
