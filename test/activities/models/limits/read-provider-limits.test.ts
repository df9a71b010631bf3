import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readProviderLimits } from '../../../../src/activities/models/limits/read-provider-limits.ts'
import type { LimitRow } from '../../../../src/app/define/model-definition.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'

const path = join(temporaryDirectory(), 'limits.json')
const VLLM = { name: 'vllm', wire: 'openai-chat', baseUrl: 'http://127.0.0.1:1/v1', apiKey: null } as const

function read(content: unknown, limits: readonly LimitRow[] = []) {
  writeFileSync(path, JSON.stringify(content))
  return readProviderLimits(path, { providers: [VLLM], limits })
}

test('without a file there are the application’s rows', () => {
  const limits = [{ provider: 'openai', requestsPerMinute: 5 }]
  assert.deepEqual(readProviderLimits(null, { providers: [], limits }), limits)
})

test('a row of the operator replaces the application’s for the same provider, model and tenant', () => {
  const ofApp: LimitRow[] = [
    { provider: 'openai', requestsPerMinute: 5, tokensPerMinute: 5_000 },
    { provider: 'openai', model: 'gpt-5.5', requestsPerMinute: 5 },
    { provider: 'openai', tenant: '*', requestsPerMinute: 5 },
  ]
  const own: LimitRow[] = [
    { provider: 'openai', requestsPerMinute: 500 },
    { provider: 'vllm', maxConcurrent: 8 },
  ]
  assert.deepEqual(read({ limits: own }, ofApp), [ofApp[1], ofApp[2], ...own])
})

for (const [what, content, problem] of [
  ['no list', {}, /limits is not a list/],
  ['no JSON object', [], /Invalid input/],
  [
    'an unknown provider',
    [{ provider: 'x', requestsPerMinute: 1 }],
    /limits\.0\.provider is none of openai, anthropic, vllm/,
  ],
  ['a misspelt name', [{ provider: 'openai', rpm: 1 }], /rpm/],
  ['a negative limit', [{ provider: 'openai', requestsPerMinute: -1 }], /limits\.0 requestsPerMinute is -1/],
  ['a limit of 0', [{ provider: 'openai', tokensPerMinute: 0 }], /limits\.0 tokensPerMinute is 0/],
  ['a fraction', [{ provider: 'openai', maxConcurrent: 1.5 }], /limits\.0 maxConcurrent is 1\.5/],
  ['a limit as text', [{ provider: 'openai', requestsPerMinute: '60' }], /requestsPerMinute is not a number/],
  ['a row without a limit', [{ provider: 'openai' }], /limits\.0 it limits nothing/],
  [
    'a tenant’s share of slots',
    [{ provider: 'vllm', tenant: 'acme', maxConcurrent: 1 }],
    /maxConcurrent is of all tenants/,
  ],
  [
    'two rows about the same calls',
    [
      { provider: 'openai', requestsPerMinute: 1 },
      { provider: 'openai', tokensPerMinute: 1 },
    ],
    /limits\.1 is about the same calls/,
  ],
] as const) {
  test(`${what} stops the start, and says where`, () => {
    const file = Array.isArray(content) && content.length > 0 ? { limits: content } : content
    assert.throws(() => read(file), problem)
    assert.throws(() => read(file), /HOLDFAST_LIMITS/)
  })
}
