import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../../../../src/activities/models/prices/read-price-overrides.ts'
import type { AppModels } from '../../../../src/app/app.ts'
import { OperatorFileUnusable } from '../../../../src/app/read-operator-file.ts'
import { PRICE_OVERRIDES, type PriceOverrides } from '../../../../src/policies/models/price-overrides.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'

type Models = Pick<AppModels, 'providers' | 'prices'>

const directory = temporaryDirectory()
const path = join(directory, 'prices.json')

const NO_MODELS: Models = { providers: [], prices: [] }

function read(content: unknown, builtIn?: PriceOverrides, models = NO_MODELS): PriceOverrides {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readPriceOverrides(path, models, builtIn)
}

function problemsOf(content: unknown): readonly string[] {
  try {
    read(content)
    return []
  } catch (error) {
    assert.ok(error instanceof OperatorFileUnusable)
    assert.ok(error.message.includes(path) && error.message.includes('HOLDFAST_PRICES'))
    return error.problems
  }
}

const ROW = { provider: 'openai', model: 'gpt-5.5', input: 4_000_000, output: 20_000_000 } as const
const MILLION = {
  inputTokens: 1_000_000,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}
const BUILT_IN: PriceOverrides = {
  version: 'built-in',
  models: [
    { ...ROW, input: 1, output: 1 },
    { ...ROW, model: 'gpt-5.5-2026-04-24', input: 2, output: 2 },
    { ...ROW, model: 'gpt-7', input: 3, output: 3 },
  ],
}

test('without a file there are the built-in rows', () => {
  assert.equal(readPriceOverrides(null, NO_MODELS), PRICE_OVERRIDES)
})

test('the operator’s rows win over the built-in ones, and both versions are told', () => {
  const merged = read({ version: '2026-12', models: [ROW] }, BUILT_IN)
  assert.equal(merged.version, 'built-in+2026-12')
  const book = createPriceBook(merged)
  const input = (model: string) => book.worstRates('openai', model)?.at(-1)?.inputMicroUsd
  assert.equal(input('gpt-5.5'), 4_000_000)
  assert.equal(input('gpt-5.5-2026-04-24'), 4_000_000, 'a built-in row for one issue is no way around it')
  assert.equal(input('gpt-7'), 3)
})

test('an operator’s row for one issue leaves the model’s own price alone', () => {
  const merged = read({ version: '1', models: [{ ...ROW, model: 'gpt-5.5-2026-04-23' }] }, BUILT_IN)
  const book = createPriceBook(merged)
  const price = (model: string) => book.price({ provider: 'openai', model, usage: MILLION })
  assert.equal(price('gpt-5.5'), 1)
  assert.equal(price('gpt-5.5-2026-04-23'), 4_000_000)
})

/** An application with a server whose name is that of a provider on the list, and one whose name nobody knows. */
const APP: Models = {
  providers: ['groq', 'vllm'].map((name) => ({
    name,
    wire: 'openai-chat',
    baseUrl: 'http://x/v1',
    apiKey: null,
  })),
  prices: [
    { provider: 'groq', model: 'qwen3', input: 7, output: 8 },
    { provider: 'openai', model: 'gpt-5.5', input: 5, output: 6 },
    { provider: 'openai', model: 'gpt-6', input: 9, output: 9 },
  ],
}
const LISTED = 'llama-3.3-70b-versatile'

test('the operator’s rows win over the application’s, and those over the built-in ones and the list', () => {
  const input = (overrides: PriceOverrides, model: string) =>
    createPriceBook(overrides).worstRates('openai', model)?.at(-1)?.inputMicroUsd
  const ofApp = readPriceOverrides(null, APP, BUILT_IN)
  assert.deepEqual([input(ofApp, 'gpt-5.5'), input(ofApp, 'gpt-6'), input(ofApp, 'gpt-7')], [5, 9, 3])
  assert.equal(input(ofApp, 'gpt-5.5-2026-04-24'), 5)
  const all = read({ version: '1', models: [ROW] }, BUILT_IN, APP)
  assert.deepEqual([input(all, 'gpt-5.5'), input(all, 'gpt-6'), input(all, 'gpt-7')], [4_000_000, 9, 3])
  assert.ok((input(all, 'gpt-4o') ?? 0) > 1_000_000, 'what nobody has a row of has its list price')
})

test('a server that is named as a provider of the list has its list prices only while the application prices none of it', () => {
  const price = (models: Models, model: string) =>
    createPriceBook(readPriceOverrides(null, models)).worstRates('groq', model)
  assert.ok(price({ ...APP, prices: [] }, LISTED), 'the list has it')
  assert.equal(price(APP, LISTED), null)
  assert.equal(price(APP, 'qwen3')?.[0]?.inputMicroUsd, 7)
})

test('the version tells the application’s rows apart, whatever their order', () => {
  const version = (prices: Models['prices']) => readPriceOverrides(null, { ...APP, prices }, BUILT_IN).version
  const { prices } = APP
  assert.match(version(prices), /^built-in\+app-[0-9a-f]{12}$/)
  assert.equal(version(prices.toReversed()), version(prices))
  assert.notEqual(version(prices.slice(1)), version(prices))
  assert.notEqual(version(prices.map((row) => ({ ...row, output: row.output + 1 }))), version(prices))
  assert.equal(version([]), 'built-in')
  assert.match(read({ version: '9', models: [] }, BUILT_IN, APP).version, /^built-in\+app-[0-9a-f]{12}\+9$/)
})

test('an operator’s row may be about a server of the application', () => {
  const row = { ...ROW, provider: 'vllm' }
  const merged = read({ version: '1', models: [row] }, BUILT_IN, APP)
  assert.equal(createPriceBook(merged).worstRates('vllm', 'gpt-5.5')?.[0]?.inputMicroUsd, 4_000_000)
  assert.deepEqual(problemsOf({ version: '1', models: [row] }), [
    'models.0.provider is none of openai, anthropic',
  ])
})

test('a server whose name begins with that of a provider does not have its prices', () => {
  const book = createPriceBook(PRICE_OVERRIDES)
  assert.ok(book.worstRates('openai', 'gpt-5.5'))
  for (const name of ['openai-gateway', 'openai_eu', 'anthropic-proxy', 'vllm']) {
    assert.equal(book.worstRates(name, 'gpt-5.5'), null, name)
    assert.equal(book.worstRates(name, 'claude-haiku-4-5'), null, name)
  }
})

const BAD: readonly (readonly [string, unknown, RegExp])[] = [
  ['no JSON', '{', /^is no JSON/],
  ['a list', [], /./],
  ['no version', { models: [] }, /^version is not text/],
  ['a version with a space', { version: 'a b', models: [] }, /^version is not a version/],
  ['no models', { version: '1' }, /^models is not a list/],
  ['a field that nobody knows', { version: '1', models: [], currency: 'EUR' }, /currency/],
  ['a misspelt price', { version: '1', models: [{ ...ROW, cached_input: 1 }] }, /^models\.0 .*cached_input/],
  [
    'a price in dollars',
    { version: '1', models: [{ ...ROW, input: 1.25 }] },
    /^models\.0\.input is not a whole/,
  ],
  [
    'a price below nothing',
    { version: '1', models: [{ ...ROW, output: -1 }] },
    /^models\.0\.output is below 0/,
  ],
  [
    'a price without measure',
    { version: '1', models: [{ ...ROW, output: 1e13 }] },
    /^models\.0\.output is too much/,
  ],
  [
    'a price in words',
    { version: '1', models: [{ ...ROW, cacheWrite: '1' }] },
    /^models\.0\.cacheWrite is not a whole/,
  ],
  [
    'no price of output',
    { version: '1', models: [{ ...ROW, output: undefined }] },
    /^models\.0\.output is not/,
  ],
  [
    'a foreign provider',
    { version: '1', models: [{ ...ROW, provider: 'x' }] },
    /^models\.0\.provider is none of openai/,
  ],
  [
    'a model without a name',
    { version: '1', models: [{ ...ROW, model: '' }] },
    /^models\.0\.model is not a name/,
  ],
  ['a model twice', { version: '1', models: [ROW, ROW] }, /^models\.1\.model is priced twice/],
]

for (const [what, content, problem] of BAD) {
  test(`${what} is refused`, () => {
    const problems = problemsOf(content)
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(String(problems[0]), problem)
  })
}

test('everything that is wrong is told at once', () => {
  const problems = problemsOf({
    models: [
      { ...ROW, input: -1 },
      { ...ROW, model: 7, extra: 1 },
    ],
  })
  assert.deepEqual(problems.map((problem) => problem.split(' ')[0]).toSorted(), [
    'models.0.input',
    'models.1',
    'models.1.model',
    'version',
  ])
})

test('a file that is not there stops the start', () => {
  assert.throws(
    () => readPriceOverrides(join(directory, 'nowhere.json'), NO_MODELS),
    /could not be read \(ENOENT\)/,
  )
})
