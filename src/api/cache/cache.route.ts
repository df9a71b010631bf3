import { type CacheOverview, cacheOverview as findOverview } from '../../store/cache/cache-overview.ts'
import { purgeAnswers } from '../../store/cache/remove-answers.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { type AgentCacheResource, cacheOverview, cachePurge, purgeQuery } from './cache.schema.ts'
import { hitRate } from './hit-rate.ts'

const getSchema = {
  operationId: 'getCache',
  tags: ['budgets'],
  summary: "What this tenant's answer cache has, and what it has saved, by agent",
  description:
    'Agents that have a `cache` give an answer again without asking a model. Counted are all calls of theirs so far; purging takes away answers, and no counts.',
  querystring: noQuery,
  response: { 200: cacheOverview, ...problems() },
}

const deleteSchema = {
  operationId: 'purgeCache',
  tags: ['budgets'],
  summary: "Remove answers from this tenant's cache",
  description:
    'None of them is given to anybody from then on, nor is an answer that a model is giving meanwhile to a call which began before.',
  querystring: purgeQuery,
  response: { 200: cachePurge, ...problems() },
}

export function addCache(api: Api, { database }: ApiContext): void {
  api.get('/v1/cache', { schema: getSchema, config: { access: ['usage:read'] } }, async (request) => {
    const rows = await findOverview(database, request.principal.tenant)
    return { object: 'cache' as const, data: rows.map(toResource) }
  })

  api.delete(
    '/v1/cache',
    { schema: deleteSchema, config: { access: ['budgets:write'] } },
    async (request) => {
      const { agent, prompt_version: promptVersion } = request.query
      const { tenant, id } = request.principal
      const removed = await purgeAnswers(database, {
        tenant,
        ...(agent !== undefined && { agent }),
        ...(promptVersion !== undefined && { promptVersion }),
      })
      request.log.info(
        { tenant, by: id, agent, promptVersion, count: removed },
        'answers purged from the cache',
      )
      return { object: 'cache_purge' as const, removed }
    },
  )
}

function toResource(row: CacheOverview): AgentCacheResource {
  const { exactHits: exact, semanticHits: semantic, lexicalHits: lexical, misses } = row
  return {
    agent: row.agent,
    entries: row.entries,
    hits: { exact, semantic, lexical },
    misses,
    waiting: row.waiting,
    hit_rate: hitRate(exact + semantic + lexical, misses),
    saved_micro_usd: row.savedMicroUsd,
    saved_input_tokens: row.savedInputTokens,
    saved_output_tokens: row.savedOutputTokens,
  }
}
