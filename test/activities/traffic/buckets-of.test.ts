import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketsOf } from '../../../src/activities/traffic/buckets-of.ts'
import type { LimitRow } from '../../../src/app/define/model-definition.ts'
import { callOf } from './support/calls.ts'

const namesOf = (limits: readonly LimitRow[], changes: Parameters<typeof callOf>[0] = {}) =>
  bucketsOf(callOf(changes), limits).map(
    ({ provider, model, tenant, unit, perMinute }) =>
      `${provider}/${model ?? '*'} ${tenant ?? 'all'} ${perMinute} ${unit}`,
  )

test('a call has the buckets of its provider, its model and its tenant', () => {
  const limits: LimitRow[] = [
    { provider: 'openai', requestsPerMinute: 900, tokensPerMinute: 90_000 },
    { provider: 'openai', model: 'gpt-test', requestsPerMinute: 60 },
    { provider: 'openai', tenant: '*', tokensPerMinute: 5_000 },
    { provider: 'openai', model: 'other', requestsPerMinute: 1 },
    { provider: 'anthropic', requestsPerMinute: 2 },
  ]
  assert.deepEqual(namesOf(limits), [
    'openai/* all 900 requests',
    'openai/* all 90000 tokens',
    'openai/gpt-test all 60 requests',
    'openai/* acme 5000 tokens',
  ])
  assert.deepEqual(namesOf(limits, { provider: 'vllm' }), [])
})

test('a row of a tenant’s own replaces the one for every tenant, of the same calls alone', () => {
  const limits: LimitRow[] = [
    { provider: 'openai', tenant: '*', requestsPerMinute: 10 },
    { provider: 'openai', tenant: 'acme', requestsPerMinute: 100 },
    { provider: 'openai', model: 'gpt-test', tenant: '*', requestsPerMinute: 5 },
  ]
  assert.deepEqual(namesOf(limits), ['openai/* acme 100 requests', 'openai/gpt-test acme 5 requests'])
  assert.deepEqual(namesOf(limits, { tenant: 'other' }), [
    'openai/* other 10 requests',
    'openai/gpt-test other 5 requests',
  ])
})

test('a row of calls at the same time has no bucket', () => {
  assert.deepEqual(namesOf([{ provider: 'openai', maxConcurrent: 3 }]), [])
})
