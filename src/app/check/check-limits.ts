import type { LimitRow, ModelsDefinition } from '../define/model-definition.ts'
import { limitProblems, sameLimit } from '../models/limits.ts'
import { providersOf } from '../models/providers.ts'
import { checkFields, thereAre } from './values.ts'

const FIELDS = [
  'provider',
  'model',
  'tenant',
  'requestsPerMinute',
  'tokensPerMinute',
  'maxConcurrent',
] as const satisfies readonly (keyof LimitRow)[]

/** Yields the problems of an application's limits towards providers. */
export function* checkLimits(models: ModelsDefinition): Generator<string> {
  const { limits = [] } = models
  if (!Array.isArray(limits)) {
    yield 'models.limits is not a list. Write [{ provider: "openai", requestsPerMinute: 500 }].'
    return
  }
  const providers = providersOf(models).map(({ name }) => name)
  for (const [at, row] of limits.entries()) {
    const where = `models.limits[${at}]`
    if (typeof row !== 'object' || row === null) {
      yield `${where} is not a limit. Write { provider: "openai", requestsPerMinute: 500 }.`
      continue
    }
    yield* checkFields(where, row, FIELDS)
    if (!providers.includes(row.provider))
      yield `${where}: ${JSON.stringify(row.provider) ?? 'no provider'} is not a provider. ${thereAre(providers)}; models.providers adds others.`
    for (const problem of limitProblems(row)) yield `${where}: ${problem}`
    if (limits.slice(0, at).some((other) => sameLimit(other, row)))
      yield `${where}: there is a row before for the same provider, model and tenant. Make one of the two.`
  }
}
