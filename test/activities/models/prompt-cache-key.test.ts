import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promptCacheKey } from '../../../src/activities/models/prompt-cache-key.ts'
import { PROMPT_CACHE } from '../../../src/policies/models/models.ts'

function keyOf(run: number, agent = 'support', version = 'v1'): string {
  const identity = { runId: `run_${run}` as const, tenant: 'acme', principal: 'ann' }
  return promptCacheKey({ agent, prompt: { name: 'support', version }, run: identity })
}

test('a run keeps its key, and the runs of an agent share a few of them evenly', () => {
  assert.equal(keyOf(1), keyOf(1))
  const runs = Array.from({ length: 800 }, (_, run) => keyOf(run))
  const shares = Object.values(Object.groupBy(runs, (key) => key)).map((group) => group?.length ?? 0)
  assert.equal(shares.length, PROMPT_CACHE.lanes)
  assert.ok(Math.min(...shares) > 60, `${shares}`)
})

test('another agent and another version of its prompt have other keys', () => {
  assert.equal(new Set([keyOf(1), keyOf(1, 'billing'), keyOf(1, 'support', 'v2')]).size, 3)
})

test('no key is longer than OpenAI accepts, and long names stay apart', () => {
  const long = 'a'.repeat(64)
  const keys = [keyOf(1, long, 'v1'), keyOf(1, long, 'v2'), keyOf(1, `${long.slice(1)}b`, 'v1')]
  assert.ok(keys.every((key) => key.length <= 64))
  assert.equal(new Set(keys).size, 3)
})
