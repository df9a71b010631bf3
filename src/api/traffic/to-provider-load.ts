import type { LiveProcess } from '../../contracts/processes/process.ts'
import type { BucketState } from '../../store/traffic/list-buckets.ts'
import type { ProviderResource } from './provider.schema.ts'

/** How much a provider is asked: the limits a minute, and the calls at the same time of each worker. */
export function toProviderLoad(
  provider: string,
  buckets: readonly BucketState[],
  workers: readonly LiveProcess[],
): Pick<ProviderResource, 'limits' | 'workers'> {
  return {
    limits: buckets
      .filter((bucket) => bucket.provider === provider)
      .map(({ model, tenant, unit, perMinute, level, capacity }) => ({
        model,
        tenant,
        unit,
        per_minute: perMinute,
        left: Math.floor(level),
        holds: Math.floor(capacity),
      })),
    workers: workers.flatMap(({ id, facts: { concurrency = {} } }) =>
      Object.entries(concurrency).flatMap(([key, { limit, inFlight, waiting }]) => {
        const model = modelOf(provider, key)
        return model === undefined ? [] : [{ worker: id, model, limit, in_flight: inFlight, waiting }]
      }),
    ),
  }
}

/** The model that a key of `ProcessFacts.concurrency` counts apart; null for the whole provider, undefined for another provider's. */
function modelOf(provider: string, key: string): string | null | undefined {
  if (key === provider) return null
  return key.startsWith(`${provider}/`) ? key.slice(provider.length + 1) : undefined
}
