import { FILE_KINDS } from '../../contracts/files/file.ts'
import { WIRES } from '../../contracts/models/model.ts'
import { MOST_NAME_CHARACTERS } from '../../policies/agent-defaults.ts'
import type { ModelChoice, ModelsDefinition, PriceRow } from '../define/model-definition.ts'
import { isHttpUrl } from '../environment/read-providers.ts'
import { readModelName } from '../models/model-name.ts'
import { baseUrlVariable, isBuiltIn, type KnownProvider, providersOf } from '../models/providers.ts'
import { isChain, tierNames, toRow } from '../models/resolve-models.ts'
import { checkLimits } from './check-limits.ts'
import {
  checkFields,
  checkName,
  checkOneOf,
  checkPositive,
  isOfProduct,
  thereAre,
  VARIABLE_NAME,
} from './values.ts'

const PROVIDER_NAME = /^[a-z][a-z0-9_-]{0,63}$/
const RATES = ['input', 'output', 'cachedInput', 'cacheWrite'] as const satisfies readonly (keyof PriceRow)[]

/** Yields the problems of an application's tiers, providers and prices. */
export function* checkModels(models: ModelsDefinition): Generator<string> {
  yield* checkFields('models', models, ['tiers', 'providers', 'prices', 'limits'])
  const addresses = new Map<string, string>()
  for (const [name, provider] of Object.entries(models.providers ?? {})) {
    const where = `models.providers "${name}"`
    yield* checkProvider(where, name, provider)
    const variable = baseUrlVariable(name)
    const other = addresses.get(variable)
    if (other !== undefined)
      yield `${where}: its address is read from ${variable}, as that of "${other}". Rename one.`
    addresses.set(variable, name)
  }
  for (const [name, chains] of Object.entries(models.tiers ?? {})) {
    const where = `models.tiers "${name}"`
    yield* checkName(where, name, MOST_NAME_CHARACTERS)
    yield* checkChains(where, chains, models)
  }
  yield* checkPrices(models)
  yield* checkLimits(models)
}

/** Yields the problems of an agent's `models`. */
export function* checkChoice(
  where: string,
  choice: ModelChoice | undefined,
  models: ModelsDefinition,
): Generator<string> {
  if (choice === undefined) return
  if (typeof choice !== 'string') {
    yield* checkChains(where, isChain(choice) ? { chain: choice } : choice, models)
  } else if (readModelName(choice) !== null) {
    yield `${where}: models is a model's name, and would be a tier's. Write a chain: [${JSON.stringify(choice)}].`
  } else if (!tierNames(models).includes(choice)) {
    yield `${where}: there is no tier "${choice}". ${thereAre(tierNames(models))}; models.tiers adds others.`
  }
}

function* checkProvider(
  where: string,
  name: string,
  provider: NonNullable<ModelsDefinition['providers']>[string],
): Generator<string> {
  if (isBuiltIn(name)) {
    yield `${where}: the product has this provider. Give its address in ${baseUrlVariable(name)}, or choose another name.`
  } else if (!PROVIDER_NAME.test(name)) {
    yield `${where}: the name has characters that no provider's name has. Use lower-case letters, digits, dashes and underscores.`
  }
  yield* checkFields(where, provider, ['wire', 'baseUrl', 'apiKey'])
  yield* checkOneOf(`${where}: wire`, provider.wire ?? null, WIRES)
  if (!isHttpUrl(provider.baseUrl)) {
    yield `${where}: baseUrl is not an http:// or https:// address. Give one, such as "http://localhost:8000/v1".`
  }
  if (provider.apiKey !== undefined && !VARIABLE_NAME.test(provider.apiKey)) {
    // The problem does not quote the value, which may be the key itself.
    yield `${where}: apiKey is not the name of an environment variable. Put the key into one, and name it here: "VLLM_API_KEY".`
  } else if (provider.apiKey !== undefined && isOfProduct(provider.apiKey)) {
    yield `${where}: apiKey names ${provider.apiKey}, which the product reads. Choose another name, such as "VLLM_API_KEY".`
  }
}

function* checkChains(where: string, chains: object, models: ModelsDefinition): Generator<string> {
  yield* checkFields(where, chains, ['chain', 'cheaper'])
  const { chain, cheaper } = chains as { readonly chain?: unknown; readonly cheaper?: unknown }
  yield* checkChain(`${where}: the chain`, chain, models)
  if (cheaper !== undefined) yield* checkChain(`${where}: the cheaper chain`, cheaper, models)
}

function* checkChain(where: string, chain: unknown, models: ModelsDefinition): Generator<string> {
  if (!Array.isArray(chain) || chain.length === 0) {
    yield `${where} has no model. Name at least one, such as "openai/gpt-5.5".`
    return
  }
  const seen = new Set<string>()
  for (const [index, link] of chain.entries()) {
    const row = toRow(link)
    const name = JSON.stringify(row?.model)
    yield* checkRow(where, row, providersOf(models), index === chain.length - 1)
    if (seen.has(name))
      yield `${where} names ${name} twice. Asked again at once it would fail again: drop one.`
    seen.add(name)
  }
}

/** @param isLast whether no other model comes after it */
export function* checkRow(
  where: string,
  row: unknown,
  providers: readonly KnownProvider[],
  isLast: boolean,
): Generator<string> {
  const { model, wire, accepts, hedge, background } = (
    typeof row === 'object' && row !== null ? row : {}
  ) as Record<string, unknown>
  const name = readModelName(model)
  if (name === null) {
    yield `${where}: ${JSON.stringify(model) ?? 'a link'} is not a model's name. Write provider/model, such as "openai/gpt-5.5".`
    return
  }
  const provider = providers.find((one) => one.name === name.provider)
  if (provider === undefined) {
    yield `${where}: ${JSON.stringify(model)} is of a provider that is not known. ${thereAre(providers.map((one) => one.name))}; models.providers adds others.`
    return
  }
  const place = `${where}, ${JSON.stringify(model)}`
  yield* checkFields(place, row as object, [
    'model',
    'maxOutputTokens',
    'contextTokens',
    'accepts',
    'wire',
    'hedge',
    'background',
  ])
  yield* checkPositive(`${place}: `, row as object, ['maxOutputTokens', 'contextTokens'])
  yield* checkOneOf(`${place}: wire`, wire, provider.wires)
  if (
    accepts !== undefined &&
    !(Array.isArray(accepts) && accepts.every((kind) => FILE_KINDS.includes(kind)))
  )
    yield `${place}: accepts is ${JSON.stringify(accepts)}. List what the model can be given: ${JSON.stringify(FILE_KINDS)}, one of them, or none.`
  if (background !== undefined && typeof background !== 'boolean') {
    yield `${place}: background is ${JSON.stringify(background)}. Say true or false.`
  } else if (background === true && (wire ?? provider.wires[0]) !== 'openai-responses') {
    yield `${place}: background is true, and ${String(wire ?? provider.wires[0])} knows no answers in the background. Only openai-responses does.`
  }
  if (hedge === undefined) return
  if (typeof hedge !== 'object' || hedge === null || !('afterMs' in hedge)) {
    yield `${place}: hedge is ${JSON.stringify(hedge)}. Say after how long the next model is asked as well: { afterMs: 2_000 }.`
    return
  }
  yield* checkFields(`${place}, hedge`, hedge, ['afterMs'])
  yield* checkPositive(`${place}: hedge.`, hedge, ['afterMs'])
  if (isLast)
    yield `${place}: it has a hedge, but no model comes after it. Add one to the chain, or drop hedge.`
}

function* checkPrices(models: ModelsDefinition): Generator<string> {
  const seen = new Set<string>()
  for (const row of models.prices ?? []) {
    const name = readModelName(row.model)
    const where = `models.prices ${JSON.stringify(row.model)}`
    if (name === null) {
      yield `${where}: it is not a model's name. Write provider/model, such as "vllm/qwen3-32b".`
    } else if (!providersOf(models).some((one) => one.name === name.provider)) {
      yield `${where}: the provider is not known. Add it to models.providers.`
    }
    if (seen.has(row.model)) yield `${where}: it is priced twice. Drop one row.`
    seen.add(row.model)
    yield* checkFields(where, row, ['model', ...RATES])
    for (const rate of RATES) {
      const price = row[rate]
      const optional = rate === 'cachedInput' || rate === 'cacheWrite'
      if ((optional && price === undefined) || (Number.isSafeInteger(price) && Number(price) >= 0)) continue
      yield `${where}: ${rate} is ${String(price)}. Give whole micro-USD for a million tokens: 5_000_000 is 5 $.`
    }
  }
}
