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
    prompt_cache_saved_micro_usd: z
      .int()
      .optional()
      .describe(
        "What providers' caches have saved in comparison with uncached input; below 0 where more was written to them than read. Absent in events of 0.3.0 and older.",
      ),
  })
  .meta({ id: 'RunUsage' })
