import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineAgent, defineApp } from '../../src/index.ts'
import { CACHE_DEFAULTS } from '../../src/policies/models/answer-cache.ts'

test("an agent's cache is pinned in its plans, with nothing left to default; without one there is none", () => {
  const agent = { version: 'v1', instructions: 'Answer.' }
  const app = defineApp({
    name: 'faq',
    agents: [
      defineAgent({ name: 'plain', ...agent }),
      defineAgent({ name: 'exact', ...agent, cache: { exact: { ttlMs: 1_000 }, withTools: false } }),
      defineAgent({
        name: 'both',
        ...agent,
        cache: {
          exact: { ttlMs: 1_000 },
          semantic: { ttlMs: 500, threshold: 0.9 },
          scope: 'tenant',
          withTools: true,
        },
      }),
    ],
  })
  assert.equal(app.plan('plain')?.cache, undefined)
  assert.deepEqual(app.plan('exact')?.cache, { scope: 'principal', exact: { ttlMs: 1_000 } })
  assert.deepEqual(app.plan('both')?.cache, {
    scope: 'tenant',
    exact: { ttlMs: 1_000 },
    semantic: { ttlMs: 500, threshold: 0.9, lexicalThreshold: CACHE_DEFAULTS.lexicalThreshold },
    withTools: true,
  })
})
