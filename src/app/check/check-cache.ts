import { CACHE_SCOPES } from '../../contracts/cache/answer-cache.ts'
import { checkFields, checkOneOf, isPositive } from './values.ts'

const FIELDS = ['exact', 'semantic', 'scope', 'withTools'] as const
const THRESHOLDS = ['threshold', 'lexicalThreshold'] as const

/** Yields the problems of an agent's `cache`, which may be anything: applications are written in JavaScript, too. */
export function* checkCache(where: string, cache: unknown): Generator<string> {
  if (cache === undefined) return
  if (!isRecord(cache)) {
    yield `${where}: cache is ${JSON.stringify(cache)}. Say { exact: { ttlMs } } or { semantic: { ttlMs } }, or both.`
    return
  }
  yield* checkFields(`${where}, cache`, cache, FIELDS)
  if (cache['exact'] === undefined && cache['semantic'] === undefined) {
    yield `${where}: cache has neither exact nor semantic, and would keep nothing. Say one of them, or drop it.`
  }
  yield* checkKind(`${where}: cache.exact`, cache['exact'], [])
  yield* checkKind(`${where}: cache.semantic`, cache['semantic'], THRESHOLDS)
  yield* checkOneOf(`${where}: cache.scope`, cache['scope'], CACHE_SCOPES)
  const { withTools } = cache
  if (withTools !== undefined && typeof withTools !== 'boolean') {
    yield `${where}: cache.withTools is ${JSON.stringify(withTools)}. Say true or false.`
  }
}

function* checkKind(place: string, kind: unknown, thresholds: readonly string[]): Generator<string> {
  if (kind === undefined) return
  if (!isRecord(kind)) {
    yield `${place} is ${JSON.stringify(kind)}. Say { ttlMs }.`
    return
  }
  yield* checkFields(place, kind, ['ttlMs', ...thresholds])
  if (!isPositive(kind['ttlMs']))
    yield `${place}.ttlMs is ${String(kind['ttlMs'])}. Give a whole number above 0.`
  for (const name of thresholds) {
    const value = kind[name]
    if (value === undefined || (typeof value === 'number' && value > 0 && value <= 1)) continue
    yield `${place}.${name} is ${String(value)}. Give a cosine above 0 and at most 1.`
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
