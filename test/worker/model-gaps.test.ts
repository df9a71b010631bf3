import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPriceBook } from '../../src/activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../../src/activities/models/prices/read-price-overrides.ts'
import type { ProviderAccess } from '../../src/app/models/provider-access.ts'
import { defineAgent, defineApp, handoff, type ModelsDefinition, subAgent } from '../../src/index.ts'
import { modelGaps, providersWithoutKey } from '../../src/worker/model-gaps.ts'

const HAIKU = 'anthropic/claude-haiku-4-5'
const QWEN = 'vllm/qwen3'

const providersOf = (keys: Readonly<Record<string, string | null>>): readonly ProviderAccess[] =>
  Object.entries(keys).map(([name, apiKey]) => ({
    name,
    wires: ['openai-chat'],
    baseUrl: 'http://127.0.0.1:9',
    apiKey,
    keyVariable: name === 'ollama' ? null : `${name.toUpperCase()}_KEY`,
  }))

const rest = { version: 'v1', instructions: 'You help.' }

function appWith(prices: ModelsDefinition['prices'] = [], onUnknownPrice: 'deny' | 'allow' = 'deny') {
  const server = { wire: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1' } as const
  const money = defineAgent({ name: 'money', ...rest, startable: false, models: [HAIKU] })
  const search = defineAgent({ name: 'search', ...rest, startable: false, models: [HAIKU, 'ollama/small'] })
  const desk = defineAgent({
    name: 'desk',
    ...rest,
    models: { chain: [QWEN, 'openai/gpt-5.5'], cheaper: [HAIKU] },
    budget: { onUnknownPrice },
    tools: [
      handoff({ to: 'money', description: 'Money.' }),
      subAgent({ name: 'ask_search', to: 'search', description: 'Searches.' }),
    ],
  })
  return defineApp({
    name: 'desk',
    agents: [desk, money, search],
    models: {
      providers: {
        vllm: { ...server, apiKey: 'VLLM_KEY' },
        ollama: server,
        spare: { ...server, apiKey: 'SPARE' },
      },
      prices: [{ model: 'ollama/small', input: 0, output: 0 }, ...(prices ?? [])],
    },
  })
}

const gapsOf = (app: ReturnType<typeof appWith>, keys: Readonly<Record<string, string | null>>) =>
  modelGaps(app, {
    providers: providersOf(keys),
    prices: createPriceBook(readPriceOverrides(null, app.models)),
  })

const KEYS = { openai: 'k', anthropic: 'k', vllm: 'k', ollama: null, spare: null }
const FREE = [{ model: QWEN, input: 0, output: 0 }] as const

describe('what the models of an application lack', () => {
  it('is nothing where every provider has its key, or wants none, and every model a price', () => {
    assert.deepEqual(gapsOf(appWith(FREE), KEYS), [])
    assert.deepEqual(providersWithoutKey(appWith(FREE), providersOf(KEYS)), [])
  })

  it('is a provider’s key, once a provider, with every agent that has it, and the variable that mends it', () => {
    const keys = { ...KEYS, anthropic: null, vllm: null }
    assert.deepEqual(
      gapsOf(appWith(FREE), keys).map(({ lacks, text }) => `${lacks}: ${text}`),
      [
        'key: anthropic has no key, so anthropic/claude-haiku-4-5 cannot be asked (desk, money, search). Set ANTHROPIC_KEY.',
        'key: vllm has no key, so vllm/qwen3 cannot be asked (desk). Set VLLM_KEY.',
      ],
    )
    assert.deepEqual(providersWithoutKey(appWith(FREE), providersOf(keys)), ['anthropic', 'vllm'])
  })

  it('is that of a classifier and of the models that rules lead to as well', () => {
    const agent = defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'You help.',
      models: ['ollama/small'],
      routing: [
        {
          classifier: {
            model: 'spare/sorter',
            question: 'Hard?',
            labels: { easy: ['ollama/small'], hard: ['vllm/large'] },
          },
        },
      ],
      escalate: { to: ['vllm/huge'], on: ['refusal'] },
    })
    const { models } = appWith(FREE)
    const providers = Object.fromEntries(
      models.providers.map(({ name, wire, baseUrl }) => [name, { wire, baseUrl }]),
    )
    const app = defineApp({ name: 'desk', agents: [agent], models: { providers } })
    const unpriced = gapsOf(app, KEYS).flatMap((gap) => (gap.lacks === 'price' ? gap.models : []))
    assert.deepEqual([...unpriced].sort(), ['ollama/small', 'spare/sorter', 'vllm/huge', 'vllm/large'])
  })

  it('is a price, with the row that mends it', () => {
    const [gap, ...others] = gapsOf(appWith(), KEYS)
    assert.deepEqual(others, [])
    assert.deepEqual([gap?.lacks, gap?.refuses], ['price', true])
    assert.match(
      String(gap?.text),
      /^vllm\/qwen3 \(desk\) has no price: .*model_price_unknown.*models\.prices.*\{ model: 'vllm\/qwen3', input: …, output: … \}$/,
    )
  })

  it('refuses no call without a price where the budget allows it', () => {
    const [gap] = gapsOf(appWith([], 'allow'), KEYS)
    assert.deepEqual([gap?.lacks, gap?.refuses], ['price', false])
  })
})
