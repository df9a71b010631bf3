import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Script } from '../../src/testing/script.ts'
import {
  type ScriptedProviderOptions,
  startScriptedProvider,
} from '../../src/testing/start-scripted-provider.ts'

async function start(
  t: { after(fn: () => Promise<void>): void },
  script: Script,
  options: Partial<ScriptedProviderOptions> = {},
) {
  const provider = await startScriptedProvider({ script, ...options })
  t.after(() => provider.close())
  const shared = { apiKey: 'test', maxRetries: 0, logLevel: 'off' } as const
  return {
    provider,
    openai: new OpenAI({ ...shared, baseURL: `${provider.url}/v1` }),
    anthropic: new Anthropic({ ...shared, baseURL: provider.url }),
  }
}

const statusOf = (error: unknown) => (error instanceof OpenAI.APIError ? (error.status ?? 'dropped') : error)

describe('a capacity', () => {
  test('refuses what comes above it, and may be moved while requests are under way', async (t) => {
    const held: (() => void)[] = []
    const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const { openai, provider } = await start(t, async () => {
      const turn = Promise.withResolvers<void>()
      held.push(turn.resolve)
      arrived[held.length === 1 ? 0 : 1].resolve()
      await turn.promise
      return { text: 'Yes.' }
    })
    const ask = () => openai.responses.create({ model: 'm', input: 'x' }).then(() => 200, statusOf)
    provider.limitTo({ concurrent: 1, refusal: { status: 529, headers: { 'retry-after': '2' } } })
    const first = ask()
    await arrived[0].promise
    assert.equal(await ask(), 529)
    provider.limitTo({ concurrent: 2 })
    const second = ask()
    await arrived[1].promise
    assert.equal(await ask(), 429)
    for (const release of held) release()
    assert.deepEqual(await Promise.all([first, second]), [200, 200])
    assert.equal(provider.mostAtOnce, 2)
    provider.limitTo(null)
    const third = ask()
    while (held.length < 3) await new Promise(setImmediate)
    held[2]?.()
    assert.equal(await third, 200)
  })

  test('may hold for one model only', async (t) => {
    const { openai, provider } = await start(t, () => ({ text: 'Yes.' }))
    provider.limitTo({ concurrent: 0, only: ({ model }) => model === 'small' })
    const ask = (model: string) => openai.responses.create({ model, input: 'x' }).then(() => 200, statusOf)
    assert.deepEqual([await ask('small'), await ask('large')], [429, 200])
  })
})

test('a provider that goes away refuses, hangs or says so until it comes back', async (t) => {
  const { openai, anthropic, provider } = await start(t, () => ({ text: 'Yes.' }))
  const ask = (signal?: AbortSignal) =>
    openai.responses.create({ model: 'm', input: 'x' }, { signal }).then(() => 200, statusOf)
  provider.goAway({ how: 'refuse', only: ({ endpoint }) => endpoint !== 'anthropic-messages' })
  assert.equal(await ask(), 'dropped')
  await anthropic.messages.create({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] })
  provider.goAway({ how: { status: 503 } })
  assert.equal(await ask(), 503)
  provider.goAway({ how: 'hang' })
  const gone = new AbortController()
  const hanging = ask(gone.signal)
  while (provider.requests.length < 4) await new Promise(setImmediate)
  provider.comeBack()
  assert.equal(await ask(), 200)
  assert.equal(provider.requests[3]?.closedAt, null)
  gone.abort()
  await hanging
})

test('the ledger has every request by endpoint and model, with what it costs and what it may have cost', async (t) => {
  const replies: Record<string, ReturnType<Script>> = {
    whole: { text: 'Yes.', usage: { inputTokens: 10, outputTokens: 2 } },
    broken: { text: 'Never heard of.', fault: 'truncate', usage: { inputTokens: 20, outputTokens: 3 } },
    failed: { fault: { status: 500 } },
  }
  const { openai, provider } = await start(
    t,
    ({ messages }) => replies[JSON.stringify(messages).split('"')[7] ?? ''] ?? {},
    {
      keep: 1,
      price: ({ usage, servedBy }) =>
        servedBy === 'dear' ? 1_000 : usage.inputTokens + 4 * usage.outputTokens,
    },
  )
  const input = async (text: string, model = 'm') => {
    const stream = await openai.responses.create({ model, input: text, stream: true }).catch(() => [])
    for await (const _ of stream);
  }
  for (const text of ['whole', 'whole', 'broken', 'failed']) await input(text)
  replies['whole'] = { text: 'Yes.', servedBy: 'dear', usage: { inputTokens: 1, outputTokens: 1 } }
  await input('whole', 'other')
  await openai.embeddings.create({ model: 'e', input: ['one', 'two'] })
  await provider.requests[0]?.closed
  const rows = provider.ledger().map(({ charged, atRisk, ...row }) => ({
    ...row,
    charged: [charged.inputTokens, charged.outputTokens],
    atRisk: [atRisk.inputTokens, atRisk.outputTokens],
  }))
  assert.deepEqual(rows, [
    {
      endpoint: 'openai-responses',
      model: 'm',
      received: 4,
      answered: 2,
      brokenOff: 1,
      failed: 1,
      charged: [20, 4],
      costMicroUsd: 36,
      atRisk: [20, 3],
      atRiskMicroUsd: 32,
    },
    {
      endpoint: 'openai-responses',
      model: 'other',
      received: 1,
      answered: 1,
      brokenOff: 0,
      failed: 0,
      charged: [1, 1],
      costMicroUsd: 1_000,
      atRisk: [0, 0],
      atRiskMicroUsd: 0,
    },
    {
      endpoint: 'embeddings',
      model: 'e',
      received: 1,
      answered: 1,
      brokenOff: 0,
      failed: 0,
      charged: [2, 0],
      costMicroUsd: 2,
      atRisk: [0, 0],
      atRiskMicroUsd: 0,
    },
  ])
})

test('a script gives an answer further headers, as for what is left of a rate limit', async (t) => {
  const headers = {
    'x-ratelimit-remaining-tokens': '1200',
    'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:00Z',
  }
  const { openai } = await start(t, () => ({ text: 'Yes.', headers }))
  const { response } = await openai.responses.create({ model: 'm', input: 'x' }).withResponse()
  for (const [name, value] of Object.entries(headers)) assert.equal(response.headers.get(name), value)
})

describe('embeddings', () => {
  test('are equal for equal texts, near for texts that share words, and read by OpenAI’s own SDK', async (t) => {
    const { openai } = await start(t, () => ({}))
    const input = ['where is my parcel', 'where is my parcel', 'my parcel, where is it', 'cancel the flight']
    const [a = [], b, c = [], d = []] = (await openai.embeddings.create({ model: 'e', input })).data.map(
      ({ embedding }) => embedding,
    )
    const dot = (one: number[], other: number[]) => one.reduce((sum, x, at) => sum + x * (other[at] ?? 0), 0)
    assert.deepEqual(a, b)
    assert.ok(Math.abs(dot(a, a) - 1) < 1e-6)
    assert.ok(dot(a, c) > 0.8 && dot(a, d) < 0.5, `${dot(a, c)} ${dot(a, d)}`)
    const floats = await openai.embeddings.create({ model: 'e', input: 'x', encoding_format: 'float' })
    assert.equal(floats.data[0]?.embedding.length, 64)
  })

  test('are the test’s own where it makes them, and refused for an empty text', async (t) => {
    const { openai } = await start(t, () => ({}), { embed: (text) => [text.length, 0.5] })
    const { data } = await openai.embeddings.create({ model: 'e', input: 'four' })
    assert.deepEqual([...(data[0]?.embedding ?? [])], [4, 0.5])
    await assert.rejects(openai.embeddings.create({ model: 'e', input: '' }), { status: 400 })
  })
})

test('Anthropic’s counter counts a conversation, and refuses one that has a call without its result', async (t) => {
  const { anthropic, provider } = await start(t, () => ({}))
  const said = { role: 'user', content: 'x'.repeat(4_000) } as const
  const { input_tokens } = await anthropic.messages.countTokens({ model: 'm', messages: [said] })
  assert.ok(input_tokens > 1_000 && input_tokens < 1_100, String(input_tokens))
  const call = { type: 'tool_use', id: 't', name: 'n', input: {} } as const
  await assert.rejects(
    anthropic.messages.countTokens({ model: 'm', messages: [said, { role: 'assistant', content: [call] }] }),
    { status: 400 },
  )
  assert.equal(provider.requests.length, 0)
})
