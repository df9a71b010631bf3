import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDialects } from '../../../../src/activities/models/dialects/read-dialects.ts'
import { resolveDialect } from '../../../../src/activities/models/dialects/resolve-dialect.ts'
import type { App } from '../../../../src/app/app.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'
import { MODELS } from '../support/ask.ts'

const path = join(temporaryDirectory(), 'dialects.json')

function read(content: unknown, providers: App['models']['providers'] = []) {
  writeFileSync(path, JSON.stringify(content))
  return readDialects(path, { providers })
}

const ROW = {
  provider: 'openai',
  wire: 'openai-chat',
  model: 'mistral-large',
  omit: ['stream_options'],
} as const

test('without a file there are no rows', () => {
  assert.deepEqual(readDialects(null, { providers: [] }), [])
})

test('rows are as they were written, and what one leaves out stays as it was', () => {
  const rows = read({ servers: [ROW, { provider: 'openai', outputLimit: 'max_completion_tokens' }] })
  const at = (model: string) =>
    resolveDialect({ ...MODELS['openai-chat'], model }, 'http://127.0.0.1:1/v1', rows)
  assert.deepEqual(at('mistral-large').omit, ['stream_options'])
  assert.deepEqual(at('llama').omit, ['store', 'prompt_cache_key'])
  assert.equal(at('llama').outputLimit, 'max_completion_tokens')
})

test('a row may be about a server of the application', () => {
  const vllm = { name: 'vllm', wire: 'openai-chat', baseUrl: 'http://127.0.0.1:1/v1', apiKey: null } as const
  const rows = read({ servers: [{ provider: 'vllm', omit: ['stream_options'] }] }, [vllm])
  const model = { ...MODELS['openai-chat'], provider: 'vllm' }
  assert.deepEqual(resolveDialect(model, vllm.baseUrl, rows).omit, ['stream_options'])
  assert.deepEqual(resolveDialect(MODELS['openai-chat'], vllm.baseUrl, rows).omit, [
    'store',
    'prompt_cache_key',
  ])
})

test('the host decides what no row does', () => {
  const at = (url: string) => resolveDialect(MODELS['openai-chat'], url, [])
  assert.equal(at('https://api.openai.com/v1').outputLimit, 'max_completion_tokens')
  assert.equal(at('https://mine.openai.azure.com/openai/v1').outputLimit, 'max_completion_tokens')
  assert.equal(at('https://notopenai.com/v1').outputLimit, 'max_tokens')
  assert.ok(at('https://api.mistral.ai/v1').omit.includes('stream_options'))
})

for (const [what, content, problem] of [
  ['no list', {}, /servers is not a list/],
  [
    'a provider that there is not',
    { servers: [{ provider: 'x' }] },
    /servers\.0\.provider is none of openai, anthropic/,
  ],
  ['a misspelt name', { servers: [{ ...ROW, cache_control: 'none' }] }, /cache_control/],
  [
    'a parameter that answers hang on',
    { servers: [{ ...ROW, omit: ['tools'] }] },
    /servers\.0\.omit\.0 is none of/,
  ],
  [
    'a value that there is not',
    { servers: [{ ...ROW, history: 'none' }] },
    /servers\.0\.history is none of full, plain/,
  ],
] as const) {
  test(`${what} stops the start, and says where`, () => {
    assert.throws(() => read(content), problem)
    assert.throws(() => read(content), /HOLDFAST_DIALECTS/)
  })
}
