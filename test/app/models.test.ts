import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type App, defineAgent, defineApp, type ModelsDefinition } from '../../src/index.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS } from '../../src/policies/models/models.ts'

const MODELS: ModelsDefinition = {
  tiers: {
    standard: { chain: ['vllm/Qwen/Qwen3-32B', 'openai/gpt-5.5'], cheaper: ['ollama/qwen3:8b'] },
    fast: { chain: [{ model: 'ollama/qwen3:8b', maxOutputTokens: 1_000 }] },
  },
  providers: {
    vllm: { wire: 'openai-chat', baseUrl: 'http://10.0.0.7:8000/v1', apiKey: 'VLLM_KEY' },
    ollama: { wire: 'openai-chat', baseUrl: 'http://localhost:11434/v1' },
  },
  prices: [{ model: 'vllm/Qwen/Qwen3-32B', input: 0, output: 0, cachedInput: 0 }],
}

type Models = Parameters<typeof defineAgent>[0]['models']

function appWith(models: Models, definition: ModelsDefinition = MODELS): App {
  const agent = defineAgent({
    name: 'desk',
    version: 'v1',
    instructions: 'You help.',
    ...(models && { models }),
  })
  return defineApp({ name: 'desk', agents: [agent], models: definition })
}

const QWEN = { provider: 'vllm', wire: 'openai-chat', model: 'Qwen/Qwen3-32B', maxOutputTokens: 4_096 }
const GPT = { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.5', maxOutputTokens: 4_096 }
const SMALL = { provider: 'ollama', wire: 'openai-chat', model: 'qwen3:8b', maxOutputTokens: 2_048 }

function chainsOf(app: App): unknown {
  const plan = app.plan('desk')
  return { chain: plan?.chain, cheaper: plan?.cheaperChain }
}

test('an agent that says nothing uses the standard tier: the product’s, or the application’s own', () => {
  assert.deepEqual(chainsOf(appWith(undefined, {})), {
    chain: MODEL_CHAINS.standard,
    cheaper: CHEAPER_CHAINS.standard,
  })
  assert.deepEqual(chainsOf(appWith(undefined)), { chain: [QWEN, GPT], cheaper: [SMALL] })
})

test('an agent names a tier, a chain, or a chain and a cheaper one', () => {
  const own = { ...SMALL, maxOutputTokens: 1_000 }
  assert.deepEqual(chainsOf(appWith('fast')), { chain: [own], cheaper: undefined })
  assert.deepEqual(chainsOf(appWith(['anthropic/claude-haiku-4-5'])), {
    chain: [MODEL_CHAINS.standard[1]],
    cheaper: undefined,
  })
  assert.deepEqual(chainsOf(appWith({ chain: ['openai/gpt-5.5'], cheaper: ['ollama/qwen3:8b'] })), {
    chain: [GPT],
    cheaper: [SMALL],
  })
})

test('a provider that knows two ways to be spoken to is spoken to as the row says', () => {
  const app = appWith([{ model: 'openai/gpt-5.5', wire: 'openai-chat', maxOutputTokens: 9 }])
  assert.deepEqual(app.plan('desk')?.chain, [{ ...GPT, wire: 'openai-chat', maxOutputTokens: 9 }])
})

test('a model answers in the background where its row says so', () => {
  const app = appWith([
    { model: 'openai/gpt-5.5', background: true },
    { model: 'openai/gpt-5.5-pro', background: false },
  ])
  assert.deepEqual(app.plan('desk')?.chain, [
    { ...GPT, background: true },
    { ...GPT, model: 'gpt-5.5-pro' },
  ])
})

test('processes find servers and prices', () => {
  const { models, environment } = appWith(undefined)
  assert.deepEqual(models.providers, [
    { name: 'vllm', wire: 'openai-chat', baseUrl: 'http://10.0.0.7:8000/v1', apiKey: 'VLLM_KEY' },
    { name: 'ollama', wire: 'openai-chat', baseUrl: 'http://localhost:11434/v1', apiKey: null },
  ])
  assert.deepEqual(models.prices, [
    { provider: 'vllm', model: 'Qwen/Qwen3-32B', input: 0, output: 0, cachedInput: 0 },
  ])
  assert.deepEqual(environment.names, ['VLLM_KEY', 'VLLM_KEY_FILE', 'VLLM_BASE_URL', 'OLLAMA_BASE_URL'])
  assert.deepEqual(environment.secrets, ['VLLM_KEY'])
})
