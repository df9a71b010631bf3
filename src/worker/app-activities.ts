import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { readDialects } from '../activities/models/dialects/read-dialects.ts'
import { createEmbeddings } from '../activities/models/embeddings/create-embeddings.ts'
import { readProviderLimits } from '../activities/models/limits/read-provider-limits.ts'
import { createPriceBook } from '../activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../activities/models/prices/read-price-overrides.ts'
import { type Bulkheads, createBulkheads } from '../activities/traffic/bulkheads.ts'
import { inSequence } from '../activities/traffic/in-sequence.ts'
import type { Pauses } from '../activities/traffic/pauses.ts'
import { createRateLimits, type RateLimits } from '../activities/traffic/rate-limits.ts'
import { logRefusals } from '../activities/traffic/refusal-log.ts'
import type { TrafficGate } from '../activities/traffic/traffic.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config/config.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { type ModelGap, modelGaps, warnOfModelGaps } from './model-gaps.ts'

/** What of an application's traffic its process reports, and settles at its end. */
export interface AppTraffic {
  readonly bulkheads: Bulkheads
  readonly rateLimits: RateLimits
}

interface AppActivitiesOptions
  extends Omit<Dependencies, 'adapterFor' | 'prices' | 'traffic' | 'embeddings'> {
  readonly app: Dependencies['app'] & Pick<App, 'agents' | 'plan' | 'models'>
  readonly providers: Config['providers']
  readonly pricesPath: Config['pricesPath']
  readonly dialectsPath: Config['dialectsPath']
  readonly limitsPath: Config['limitsPath']
  readonly embeddings?: Config['embeddings'] | undefined
  /** The process's circuit breakers; without them every model is asked, whatever it has answered. */
  readonly breakers?: TrafficGate | undefined
  /** The process's pauses; without them each call waits for itself alone. */
  readonly pauses?: Pauses | undefined
  readonly onTraffic?: (traffic: AppTraffic) => void
  /** Gets the keys and prices that the application's models lack. Where it is not given, the log warns of them. */
  readonly onModelGaps?: ((gaps: readonly ModelGap[]) => void) | undefined
}

/**
 * The activities of an application, over the providers, prices and dialects of this process.
 *
 * @throws OperatorFileUnusable where an operator's file of prices, dialects or limits cannot be used
 */
export function createAppActivities({
  providers,
  pricesPath,
  dialectsPath,
  limitsPath,
  embeddings = null,
  breakers,
  pauses,
  onTraffic,
  onModelGaps,
  ...dependencies
}: AppActivitiesOptions): RegisteredActivities {
  const { app, logger, database } = dependencies
  const models = areaOf(logger, 'models')
  const traffic = areaOf(logger, 'traffic')
  const prices = createPriceBook(readPriceOverrides(pricesPath, app.models), models)
  const gaps = modelGaps(app, { providers, prices })
  const limits = readProviderLimits(limitsPath, app.models)
  const bulkheads = createBulkheads(limits)
  const rateLimits = createRateLimits({ database, limits, logger: traffic })
  onTraffic?.({ bulkheads, rateLimits })
  if (onModelGaps === undefined) warnOfModelGaps(gaps, areaOf(logger, 'app'))
  else onModelGaps(gaps)
  return createActivities({
    ...dependencies,
    adapterFor: createModelAdapters(providers, {
      dialects: readDialects(dialectsPath, app.models),
      logger: models,
    }),
    prices,
    embeddings: embeddings === null ? undefined : createEmbeddings(embeddings),
    traffic: inSequence([
      ...(breakers === undefined ? [] : [breakers]),
      logRefusals(
        inSequence([
          bulkheads,
          // A pause may begin while a call waits for its slot, so it is looked at afterwards.
          ...(pauses === undefined ? [] : [pauses]),
          rateLimits,
        ]),
        traffic,
      ),
    ]),
  })
}
