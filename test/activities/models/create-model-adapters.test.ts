import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createModelAdapters } from '../../../src/activities/models/create-model-adapters.ts'
import type { ProviderAccess } from '../../../src/app/models/provider-access.ts'
import type { PlannedModel, Wire } from '../../../src/contracts/models/model.ts'
import type { ScriptedRequest } from '../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { HELLO, MODELS, providersAt, requestOn, startAsking, WIRES } from './support/ask.ts'

function generate(adapterFor: ReturnType<typeof createModelAdapters>, model: PlannedModel) {
  const options = { signal: new AbortController().signal, onProgress: () => undefined }
  return adapterFor(model).generate({ ...requestOn(model.wire, HELLO), model }, options)
}

test('a provider without a key is not asked, and says so, so that the chain goes on', async () => {
  const adapterFor = createModelAdapters(providersAt('http://127.0.0.1:9', null))
  for (const wire of WIRES)
    await assert.rejects(generate(adapterFor, MODELS[wire]), {
      code: 'model_key_missing',
      billed: 'no',
    })
})

test('a wire that the provider does not speak is refused', async () => {
  const adapterFor = createModelAdapters(providersAt('http://127.0.0.1:9'))
  const model = { ...MODELS['openai-chat'], provider: 'anthropic' } as const
  await assert.rejects(generate(adapterFor, model), { code: 'model_request_refused', billed: 'no' })
})

test('several servers of one wire are asked at once, each with its own key; one that wants none gets none', async (t) => {
  const script = (request: ScriptedRequest) => ({ text: `${request.model} of ${request.headers['host']}` })
  const servers = [await startScriptedProvider({ script }), await startScriptedProvider({ script })] as const
  t.after(() => Promise.all(servers.map((server) => server.close())))
  const own = (name: string, wire: Wire, url: string, apiKey: string | null): ProviderAccess => ({
    name,
    wires: [wire],
    baseUrl: wire === 'anthropic-messages' ? url : `${url}/v1`,
    apiKey,
    keyVariable: apiKey === null ? null : 'ANY_KEY',
  })
  const adapterFor = createModelAdapters([
    own('vllm', 'openai-chat', servers[0].url, 'of-vllm'),
    own('ollama', 'openai-chat', servers[1].url, null),
    own('gateway', 'anthropic-messages', servers[1].url, null),
    own('responses', 'openai-responses', servers[1].url, null),
  ])
  const ask = (provider: string, wire: Wire) =>
    generate(adapterFor, { provider, wire, model: 'qwen3', maxOutputTokens: 100 })
  const answers = await Promise.all([
    ask('vllm', 'openai-chat'),
    ask('ollama', 'openai-chat'),
    ask('gateway', 'anthropic-messages'),
    ask('responses', 'openai-responses'),
  ])
  const [first, second] = servers.map(({ url }) => new URL(url).host)
  assert.deepEqual(
    answers.map(({ message }) => message.text),
    [first, second, second, second].map((host) => `qwen3 of ${host}`),
  )
  assert.deepEqual(
    servers[0].requests.map(({ headers }) => headers['authorization']),
    ['Bearer of-vllm'],
  )
  assert.equal(servers[1].requests.length, 3)
  for (const { headers } of servers[1].requests) {
    assert.equal(headers['authorization'], undefined)
    assert.equal(headers['x-api-key'], undefined)
  }
  await assert.rejects(ask('mistral', 'openai-chat'), { code: 'model_request_refused', billed: 'no' })
})

test('the environment of the process changes nothing: key, address and headers are the configuration’s', async (t) => {
  const foreign = {
    OPENAI_BASE_URL: 'http://127.0.0.1:1',
    OPENAI_ORG_ID: 'org_foreign',
    OPENAI_PROJECT_ID: 'proj_foreign',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    ANTHROPIC_AUTH_TOKEN: 'foreign',
  }
  for (const [name, value] of Object.entries(foreign)) {
    const before = process.env[name]
    process.env[name] = value
    t.after(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
  const { ask, provider } = await startAsking(t, { text: 'Hi.' })
  for (const wire of WIRES) await ask(wire)
  assert.equal(provider.requests.length, 3)
  assert.ok(!JSON.stringify(provider.requests.map((request) => request.headers)).includes('foreign'))
  assert.deepEqual(
    provider.requests.map((request) => request.headers['authorization']),
    ['Bearer test', 'Bearer test', 'Bearer test'],
  )
})
