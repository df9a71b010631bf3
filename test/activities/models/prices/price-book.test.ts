import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { calcPrice, extractUsage, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { createPriceBook, type PriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import type { Provider, Wire } from '../../../../src/contracts/models/model.ts'
import { MODEL_CHAINS } from '../../../../src/policies/models/models.ts'
import { PRICE_OVERRIDES, type PriceOverrides } from '../../../../src/policies/models/price-overrides.ts'
import { WIRES } from '../support/ask.ts'
import { spelled, type Tokens, understood } from '../support/reported-usage.ts'

const book = createPriceBook(PRICE_OVERRIDES)
const CHAINED = Object.values(MODEL_CHAINS).flat()
const TOKENS: Tokens = { fresh: 50_000, cached: 40_000, written: 10_000, output: 1_000 }
const USAGE = understood('openai-responses', TOKENS)

const onWire = (wire: Wire, provider: Provider, model: string, tokens: Tokens) =>
  book.price({ provider, model, usage: understood(wire, tokens) })

/** [wire, provider, model, what it costs by the list: $ a million × tokens] */
const BY_HAND: readonly (readonly [Wire, Provider, string, number])[] = [
  // Input 1 $ a million, 0.1 from the cache, 1.25 into it, output 5.
  ['anthropic-messages', 'anthropic', 'claude-haiku-4-5', 50_000 + 4_000 + 12_500 + 5_000],
  // 5, 0.5, no price of its own for writing, 30.
  ['openai-responses', 'openai', 'gpt-5.5', 250_000 + 20_000 + 50_000 + 30_000],
  ['openai-chat', 'openai', 'gpt-5.5', 250_000 + 20_000 + 50_000 + 30_000],
  // 2, 0.2, 2.5, 10.
  ['openai-responses', 'openai', 'gpt-6-sol', 100_000 + 8_000 + 25_000 + 10_000],
  ['openai-chat', 'openai', 'gpt-6-sol', 100_000 + 8_000 + 25_000 + 10_000],
  // 15, nothing about caches, 120.
  ['openai-responses', 'openai', 'gpt-5-pro', 750_000 + 600_000 + 150_000 + 120_000],
]

for (const [wire, provider, model, microUsd] of BY_HAND) {
  test(`${wire}: ${model} costs what the list says, every token once and at its own price`, () => {
    assert.equal(onWire(wire, provider, model, TOKENS), microUsd)
  })
}

test('an embeddings model costs what its input does, and a server of the operator’s own has no price', () => {
  const usage = {
    ...USAGE,
    inputTokens: 1_000_000,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
  }
  const model = 'text-embedding-3-small'
  assert.equal(book.price({ provider: 'openai', model, usage }), 20_000)
  assert.deepEqual(book.worstRates('openai', model), [
    { aboveTokens: 0, inputMicroUsd: 20_000, outputMicroUsd: 0 },
  ])
  assert.equal(book.worstRates('embeddings', model), null)
})

test('a long input makes the whole call dearer, from the first token above the line', () => {
  const call = (input: number) =>
    onWire('openai-responses', 'openai', 'gpt-5.5', { fresh: input, cached: 0, written: 0, output: 100 })
  assert.equal(call(271_999), 271_999 * 5 + 100 * 30)
  assert.equal(call(272_000), 272_000 * 10 + 100 * 45)
  const cached = { fresh: 2_000, cached: 270_000, written: 0, output: 0 }
  assert.equal(onWire('openai-chat', 'openai', 'gpt-5.5', cached), 2_000 * 10 + 270_000)
})

test('a cost is rounded up, and only where there is something to round', () => {
  const call = (cached: number) =>
    onWire('anthropic-messages', 'anthropic', 'claude-haiku-4-5', { fresh: 0, cached, written: 0, output: 0 })
  assert.deepEqual([1, 9, 10, 11, 20, 1_000_000].map(call), [1, 1, 1, 2, 2, 100_000])
})

/** What the longest input is reckoned with. */
function dearest(prices: PriceBook, provider: Provider, model: string) {
  const last = prices.worstRates(provider, model)?.at(-1)
  if (last === undefined) return null
  const { inputMicroUsd, outputMicroUsd } = last
  return { inputMicroUsd, outputMicroUsd }
}

test('every model of the chains has a price and a worst price', () => {
  for (const { provider, model } of CHAINED) {
    const cost = book.price({ provider, model, usage: USAGE })
    assert.ok(cost !== null && Number.isInteger(cost) && cost > 0, `${model}: ${cost}`)
    assert.ok(book.worstRates(provider, model), model)
  }
})

test('the worst price is the dearest of the tiers that an input can reach, with input that is written to a cache', () => {
  const worst = (provider: Provider, model: string) => dearest(book, provider, model)
  assert.deepEqual(book.worstRates('openai', 'gpt-5.5'), [
    { aboveTokens: 0, inputMicroUsd: 5_000_000, outputMicroUsd: 30_000_000 },
    { aboveTokens: 271_999, inputMicroUsd: 10_000_000, outputMicroUsd: 45_000_000 },
  ])
  assert.deepEqual(worst('openai', 'gpt-5.5'), { inputMicroUsd: 10_000_000, outputMicroUsd: 45_000_000 })
  assert.deepEqual(worst('openai', 'gpt-6-sol'), { inputMicroUsd: 5_000_000, outputMicroUsd: 15_000_000 })
  assert.deepEqual(worst('anthropic', 'claude-haiku-4-5'), {
    inputMicroUsd: 1_250_000,
    outputMicroUsd: 5_000_000,
  })
  assert.equal(worst('openai', 'llama3.3:70b'), null)
})

const BEYOND_EVERY_TIER = 400_000
const tokens = fc.record({
  fresh: fc.nat(BEYOND_EVERY_TIER),
  cached: fc.nat(BEYOND_EVERY_TIER),
  written: fc.nat(BEYOND_EVERY_TIER),
  output: fc.nat(BEYOND_EVERY_TIER),
})
const SPOKEN: readonly (readonly [Wire, Provider, string])[] = [
  ...WIRES.flatMap((wire) => CHAINED.map(({ provider, model }) => [wire, provider, model] as const)),
  ['openai-responses', 'openai', 'gpt-6-sol'],
  ['openai-chat', 'openai', 'gpt-4o'],
  ['anthropic-messages', 'anthropic', 'claude-sonnet-4-5'],
]

for (const [wire, provider, model] of SPOKEN) {
  test(`${wire}, ${model}: no call within estimate and cap costs more than its worst case`, () => {
    const tiers = book.worstRates(provider, model)
    assert.ok(tiers)
    const atMost = (input: number, output: number) => {
      const rates = tiers.findLast(({ aboveTokens }) => aboveTokens < input) ?? tiers[0]
      assert.ok(rates)
      return Math.ceil((input * rates.inputMicroUsd + output * rates.outputMicroUsd) / 1_000_000)
    }
    fc.assert(
      fc.property(tokens, fc.nat(1_000), fc.nat(1_000), (used, spare, uncalled) => {
        const input = used.fresh + used.cached + used.written
        fc.pre(input > 0)
        const cost = onWire(wire, provider, model, used)
        assert.ok(cost !== null && cost <= atMost(input + spare, used.output + uncalled))
      }),
      { numRuns: 500 },
    )
  })
}

const FLAVOURS = {
  'openai-responses': 'responses',
  'openai-chat': 'chat',
  'anthropic-messages': 'default',
} as const
for (const [wire, provider, model] of SPOKEN.filter(
  ([wire, provider]) => (wire === 'anthropic-messages') === (provider === 'anthropic'),
)) {
  test(`${wire}, ${model}: the library reads the provider's own words the same, but for its floating point`, () => {
    const known = findProvider({ providerId: provider })
    assert.ok(known)
    fc.assert(
      fc.property(tokens, (used) => {
        fc.pre(used.fresh + used.cached + used.written > 0)
        const { usage } = extractUsage(known, { model, usage: spelled(wire, used) }, FLAVOURS[wire])
        const exact =
          (calcPrice(usage, model, { providerId: provider })?.total_price ?? Number.NaN) * 1_000_000
        const cost = onWire(wire, provider, model, used) ?? Number.NaN
        assert.ok(cost > exact - 1e-3 && cost < exact + 1 + 1e-3, `${cost}, ${exact}`)
      }),
      { numRuns: 300 },
    )
  })
}

test('a dated issue of a model has the model’s price', () => {
  const usage = USAGE
  for (const [provider, dated, model] of [
    ['anthropic', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
    ['openai', 'gpt-5.5-2026-04-23', 'gpt-5.5'],
  ] as const) {
    assert.equal(book.price({ provider, model: dated, usage }), book.price({ provider, model, usage }))
  }
})

for (const [provider, model] of [
  ['openai', 'llama3.3:70b'],
  ['openai', 'gpt-5.5-mini-next'],
  ['anthropic', 'claude-haiku-4-5-turbo'],
  ['anthropic', 'claude-sonnet-5-5'],
  ['anthropic', 'gpt-5.5'],
  ['anthropic', ''],
] as const) {
  test(`${provider} "${model}" has no known price, and none is guessed from a name alike`, () => {
    assert.equal(book.price({ provider, model, usage: USAGE }), null)
    assert.equal(book.worstRates(provider, model), null)
  })
}

test('a served name without a price costs what the asked model does, and is warned of once', () => {
  const warnings: object[] = []
  const own = createPriceBook(PRICE_OVERRIDES, { warn: (line: object) => warnings.push(line) })
  const price = (model: string, asked?: string) =>
    own.price({ provider: 'openai', model, ...(asked !== undefined && { asked }), usage: USAGE })
  const asAsked = price('gpt-5.5')
  assert.equal(price('gpt-5.5-eu-datazone', 'gpt-5.5'), asAsked)
  assert.equal(price('gpt-5.5-eu-datazone', 'gpt-5.5'), asAsked)
  assert.notEqual(price('gpt-6-sol', 'gpt-5.5'), asAsked, 'a served name with a price costs its own')
  assert.equal(price('llama', 'llama3.3:70b'), null, 'nobody guesses where neither has one')
  assert.deepEqual(warnings, [{ provider: 'openai', model: 'gpt-5.5', servedBy: 'gpt-5.5-eu-datazone' }])
})

test('a server that reports no usage, or counts that no call can have, gives no price', () => {
  const price = (usage: Partial<typeof USAGE>) =>
    book.price({ provider: 'openai', model: 'gpt-5.5', usage: { ...USAGE, ...usage } })
  assert.equal(price({ inputTokens: 0 }), null)
  assert.equal(price({ outputTokens: -1_000_000 }), null)
  assert.equal(price({ outputTokens: Number.POSITIVE_INFINITY }), null)
})

test('cached tokens that a server counts beside its input are paid for all the same', () => {
  const usage = {
    ...USAGE,
    inputTokens: 1_000,
    cachedInputTokens: 40_000,
    cacheWriteTokens: 0,
    outputTokens: 0,
  }
  assert.equal(book.price({ provider: 'openai', model: 'gpt-5.5', usage }), 20_000)
})

const OVERRIDES: PriceOverrides = {
  version: '7',
  models: [
    { provider: 'openai', model: 'gpt-5.5', input: 4_000_000, cachedInput: 400_000, output: 20_000_000 },
    { provider: 'openai', model: 'gpt-5.5-2026-04-24', input: 1_000_000, output: 1_000_000 },
    { provider: 'openai', model: 'llama3.3:70b', input: 100_000, cacheWrite: 300_000, output: 250_000 },
  ],
}

test('an override wins over the list and adds what it lacks; other models keep their list price', () => {
  const own = createPriceBook(OVERRIDES)
  const price = (model: string) => own.price({ provider: 'openai', model, usage: USAGE })
  assert.equal(price('gpt-5.5'), 200_000 + 16_000 + 40_000 + 20_000)
  assert.equal(price('llama3.3:70b'), 5_000 + 4_000 + 3_000 + 250)
  assert.equal(price('gpt-6-sol'), 143_000)
  assert.equal(own.price({ provider: 'anthropic', model: 'gpt-5.5', usage: USAGE }), null)
  assert.deepEqual(dearest(own, 'openai', 'llama3.3:70b'), {
    inputMicroUsd: 300_000,
    outputMicroUsd: 250_000,
  })
})

test('an override without a date holds for the issue that serves, unless that has a row of its own', () => {
  const own = createPriceBook(OVERRIDES)
  const price = (model: string) => own.price({ provider: 'openai', model, usage: USAGE })
  assert.equal(price('gpt-5.5-2026-04-23'), price('gpt-5.5'))
  assert.equal(price('gpt-5.5-2026-04-24'), 100_000 + 1_000)
  assert.equal(
    price('gpt-5.5-pro'),
    createPriceBook(PRICE_OVERRIDES).price({ provider: 'openai', model: 'gpt-5.5-pro', usage: USAGE }),
  )
})

test('the worst case is that of the dearest issue, since any of them may serve', () => {
  const own = createPriceBook({
    version: '1',
    models: [
      { provider: 'openai', model: 'm', input: 1_000_000, output: 9_000_000 },
      { provider: 'openai', model: 'm-2026-01-01', input: 5_000_000, output: 6_000_000 },
      { provider: 'anthropic', model: 'm-2026-01-02', input: 50_000_000, output: 60_000_000 },
      { provider: 'openai', model: 'm-mini', input: 70_000_000, output: 80_000_000 },
      { provider: 'openai', model: 'n-2026-01-01', input: 1_000_000, output: 1_000_000 },
      { provider: 'openai', model: 'gpt-4o-2024-11-20', input: 6_000_000, output: 7_000_000 },
    ],
  })
  const worst = { inputMicroUsd: 5_000_000, outputMicroUsd: 9_000_000 }
  for (const model of ['m', 'm-2026-01-01', 'm-2026-06-01'])
    assert.deepEqual(dearest(own, 'openai', model), worst)
  // gpt-4o is 2.5 and 10 $ in the list, and its first issue 5 and 15.
  assert.deepEqual(dearest(book, 'openai', 'gpt-4o'), {
    inputMicroUsd: 5_000_000,
    outputMicroUsd: 15_000_000,
  })
  assert.deepEqual(dearest(own, 'openai', 'gpt-4o'), {
    inputMicroUsd: 6_000_000,
    outputMicroUsd: 15_000_000,
  })
  assert.equal(own.worstRates('openai', 'n'), null, 'the price of one issue is not the price of the model')
})

test('the version names the library that is installed and the overrides', () => {
  const installed = readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8')
  const { version } = JSON.parse(installed) as { version: string }
  assert.equal(createPriceBook(OVERRIDES).version, `genai-prices@${version}+7`)
})
