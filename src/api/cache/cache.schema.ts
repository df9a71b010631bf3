import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { text } from '../http/requests/text.schema.ts'

const count = z.int().min(0)

export const cacheHitRate = z
  .number()
  .min(0)
  .max(1)
  .nullable()
  .describe('Hits by hits and misses; `null` where there are none.')

export const cacheSaved = {
  saved_micro_usd: count.describe('What the answers had cost when a model gave them.'),
  saved_input_tokens: count,
  saved_output_tokens: count,
}

const agentCache = z.strictObject({
  agent: z.string(),
  entries: count.describe('Answers that can be given again now.'),
  hits: z.strictObject({
    exact: count.describe('The same request.'),
    semantic: count.describe('A question of the same meaning, by its embedding.'),
    lexical: count.describe('A question of nearly the same words.'),
  }),
  misses: count.describe('A model was asked.'),
  waiting: count.describe('Calls that wait for another run, which is asking the same.'),
  hit_rate: cacheHitRate,
  ...cacheSaved,
})
export type AgentCacheResource = z.output<typeof agentCache>

export const cacheOverview = z
  .strictObject({ object: z.literal('cache'), data: z.array(agentCache) })
  .meta({ id: 'Cache' })

export const purgeQuery = z.strictObject({
  agent: text(REQUEST_LIMITS.agentCharacters)
    .min(1)
    .optional()
    .describe('Only answers of this agent; of every agent if not said.'),
  prompt_version: text(REQUEST_LIMITS.agentCharacters)
    .min(1)
    .optional()
    .describe('Only answers to this version of a prompt; to every one if not said.'),
})

export const cachePurge = z
  .strictObject({
    object: z.literal('cache_purge'),
    removed: count.describe('Answers that were removed.'),
  })
  .meta({ id: 'CachePurge' })
