import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dropExpiredAnswersJob } from '../../../src/api/upkeep/drop-expired-answers.ts'
import { ANSWER_CACHE } from '../../../src/policies/models/answer-cache.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { testLogger } from '../../support/test-runtime.ts'

test('the upkeep removes answers and leases that are too old, however many, and no others', async () => {
  const { database, close } = await openPgliteTestDatabase()
  const many = ANSWER_CACHE.mostDropped + 10
  await database.query({
    text: `
      insert into cache_entries (key, frame, tenant, agent, prompt_version, answer, input_tokens, output_tokens, created_at, expires_at)
      select 'k' || n, 'f', 'acme', 'a', 'v1', '{}', 1, 1, now(), now() + case when n <= $1 then -1 else 60 end * interval '1 second'
      from generate_series(1, $1 + 2) as entry (n)`,
    values: [many],
  })
  await database.query({
    text: `
      insert into cache_leases (key, tenant, agent, prompt_version, holder, expires_at)
      values ('old', 'acme', 'a', 'v1', 'h', now() - interval '1 second'), ('new', 'acme', 'a', 'v1', 'h', now() + interval '1 minute')`,
  })
  await dropExpiredAnswersJob({ database, logger: testLogger })(new AbortController().signal)
  const [left] = await database.query<{ entries: number; leases: string }>({
    text: `select (select count(*) from cache_entries) as entries, (select string_agg(key, ',') from cache_leases) as leases`,
  })
  assert.deepEqual(left, { entries: 2, leases: 'new' })
  await close()
})
