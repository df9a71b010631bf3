import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createModelAdapters } from '../../../src/activities/models/create-model-adapters.ts'
import type { PlannedModel } from '../../../src/contracts/model.ts'
import { HELLO, MODELS, requestOn, startAsking, WIRES } from './support/ask.ts'

function generate(adapterFor: ReturnType<typeof createModelAdapters>, model: PlannedModel) {
  const options = { signal: new AbortController().signal, onProgress: () => undefined }
  return adapterFor(model).generate({ ...requestOn(model.wire, HELLO), model }, options)
}

test('a provider without a key fails as unauthorised, so that the chain goes on', async () => {
  const adapterFor = createModelAdapters({ openai: null, anthropic: null })
  for (const wire of WIRES)
    await assert.rejects(generate(adapterFor, MODELS[wire]), {
      code: 'model_unauthorized',
      billed: 'no',
    })
})

test('a wire that the provider does not speak is refused', async () => {
  const adapterFor = createModelAdapters({ openai: { apiKey: 'a' }, anthropic: { apiKey: 'b' } })
  const model = { ...MODELS['openai-chat'], provider: 'anthropic' } as const
  await assert.rejects(generate(adapterFor, model), { code: 'model_request_refused', billed: 'no' })
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
