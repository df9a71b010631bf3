import assert from 'node:assert/strict'
import { USAGE_GROUPS, type UsageRowResource } from '../../../../../src/api/budgets/usage.schema.ts'
import type { Database } from '../../../../../src/store/database/database.ts'
import { get } from '../../../../api/support/post.ts'
import type { BookedAttempt } from './booked-attempt.ts'

type Group = (typeof USAGE_GROUPS)[number]
type Sums = Omit<UsageRowResource, 'key' | 'unpriced_attempts' | 'estimated_attempts' | 'cache'>

const KEY: { readonly [G in Group]: (attempt: BookedAttempt) => string } = {
  agent: ({ agent }) => agent,
  model: ({ provider, model }) => `${provider}/${model}`,
  principal: ({ principal }) => principal,
  day: ({ day }) => day,
  thread: () => '',
}

/** `GET /v1/usage` beside the books, in every grouping, and beside what the runs say of themselves. */
export async function compareUsage(
  v1: (path: string) => string,
  database: Database,
  attempts: readonly BookedAttempt[],
): Promise<void> {
  const [ofRuns] = await database.query<Omit<Sums, 'runs' | 'cache_write_tokens'>>({ text: OF_RUNS })
  for (const group of USAGE_GROUPS) {
    const { body } = await get<{ data: readonly UsageRowResource[] }>(v1(`/usage?group_by=${group}`))
    const expected = [...Map.groupBy(attempts, KEY[group])]
      .map(([key, own]) => ({
        key,
        ...sumsOf(own),
        unpriced_attempts: 0,
        estimated_attempts: 0,
        cache: NO_CACHE,
      }))
      .sort((left, right) => (left.key < right.key ? -1 : 1))
    assert.deepEqual(body.data, expected, group)
    const { runs: _, cache_write_tokens: __, ...all } = sumsOf(attempts)
    assert.deepEqual(ofRuns, all, 'the runs say something else than the books')
  }
}

/** No agent here has an answer cache. */
const NO_CACHE: UsageRowResource['cache'] = {
  hits: 0,
  misses: 0,
  hit_rate: null,
  saved_micro_usd: 0,
  saved_input_tokens: 0,
  saved_output_tokens: 0,
}

/** A sub-agent's numbers are in its parent's. */
const OF_RUNS = `
  select sum(cost_micro_usd)::bigint as cost_micro_usd, sum(unknown_micro_usd)::bigint as unknown_micro_usd,
    sum(input_tokens)::bigint as input_tokens, sum(cached_input_tokens)::bigint as cached_input_tokens,
    sum(prompt_cache_saved_micro_usd)::bigint as prompt_cache_saved_micro_usd,
    sum(output_tokens)::bigint as output_tokens, sum(model_calls) as model_calls, sum(attempts) as attempts
  from runs where parent_run_id is null`

function sumsOf(attempts: readonly BookedAttempt[]): Sums {
  const sum = (pick: (attempt: BookedAttempt) => number) =>
    attempts.reduce((total, attempt) => total + pick(attempt), 0)
  return {
    cost_micro_usd: sum(({ costMicroUsd }) => costMicroUsd ?? 0),
    unknown_micro_usd: sum(({ unknownMicroUsd }) => unknownMicroUsd),
    input_tokens: sum(({ inputTokens }) => inputTokens),
    cached_input_tokens: sum(({ cachedInputTokens }) => cachedInputTokens),
    cache_write_tokens: sum(({ cacheWriteTokens }) => cacheWriteTokens),
    prompt_cache_saved_micro_usd: sum(({ promptCacheSavedMicroUsd }) => promptCacheSavedMicroUsd),
    output_tokens: sum(({ outputTokens }) => outputTokens),
    model_calls: sum(({ status }) => Number(status === 'ok')),
    attempts: attempts.length,
    runs: new Set(attempts.map(({ runId }) => runId)).size,
  }
}
