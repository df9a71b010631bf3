import { z } from 'zod'
import { USAGE_PAGE } from '../../policies/api.ts'
import { cacheHitRate, cacheSaved } from '../cache/cache.schema.ts'
import { cursor, whole } from '../http/paging/paging.schema.ts'

export const USAGE_GROUPS = ['agent', 'model', 'principal', 'day', 'thread'] as const
export type UsageGroup = (typeof USAGE_GROUPS)[number]

/** The store's calendar has no year 0. */
export const day = z.iso.date().refine((date) => date >= '0001-01-01', 'Must be a day of our era.')

export const usageQuery = z
  .strictObject({
    group_by: z.enum(USAGE_GROUPS).describe('What each row is about.'),
    from: day.optional().describe("First day, by the tenant's time zone; from the beginning if not said."),
    to: day.optional().describe('Last day; until now if not said.'),
    limit: whole(1, USAGE_PAGE.most)
      .default(USAGE_PAGE.most)
      .describe(`Rows of a page: 1 to ${USAGE_PAGE.most}, which it is if not said.`)
      .meta({ default: USAGE_PAGE.most }),
    after: cursor,
  })
  .check(({ value: { from, to }, issues }) => {
    if (from === undefined || to === undefined || from <= to) return
    issues.push({ code: 'custom', path: ['to'], message: 'Must not be before `from`.', input: to })
  })

const count = z.int().min(0)

export const usageRow = z.strictObject({
  key: z
    .string()
    .describe(
      'The agent, `provider/model`, the principal, the day or the thread; empty for runs without a thread.',
    ),
  cost_micro_usd: count.describe('Of what is settled, calls of unknown price left out.'),
  unknown_micro_usd: count.describe('Worst case of attempts whose end is not known.'),
  input_tokens: count.describe('All of them, cached ones included.'),
  cached_input_tokens: count.describe("Read from providers' caches."),
  cache_write_tokens: count.describe('Written to them.'),
  prompt_cache_saved_micro_usd: z
    .int()
    .describe(
      'What these caches have saved in comparison with uncached input; below 0 where more was written than read.',
    ),
  output_tokens: count,
  model_calls: count.describe('Attempts that gave an answer.'),
  attempts: count.describe('All that was asked of a provider.'),
  unpriced_attempts: count.describe('Those whose price the price book did not know.'),
  estimated_attempts: count.describe('Those whose tokens are an estimate, since the server counted none.'),
  runs: count.describe('Runs that asked, sub-agents counted by themselves.'),
  cache: z
    .strictObject({
      hits: count.describe('Calls that the answer cache has answered: they are not among the others.'),
      misses: count.describe('Calls for which it had no answer.'),
      hit_rate: cacheHitRate,
      ...cacheSaved,
    })
    .describe('Of agents with an answer cache.'),
})
export type UsageRowResource = z.output<typeof usageRow>

export const usage = z
  .strictObject({
    object: z.literal('usage'),
    group_by: z.enum(USAGE_GROUPS),
    from: z.string().nullable(),
    to: z.string().nullable(),
    data: z.array(usageRow).describe('In the order of their keys.'),
    has_more: z.boolean(),
    next: z.string().nullable().describe('Give it as `after` to get the page that follows.'),
  })
  .meta({ id: 'Usage' })
