import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { readDialects } from '../activities/models/dialects/read-dialects.ts'
import { createPriceBook } from '../activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../activities/models/prices/read-price-overrides.ts'
import { inSequence } from '../activities/traffic/in-sequence.ts'
import type { TrafficGate } from '../activities/traffic/traffic.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config.ts'
import { type ModelGap, modelGaps, warnOfModelGaps } from './model-gaps.ts'

interface AppActivitiesOptions extends Omit<Dependencies, 'adapterFor' | 'prices' | 'traffic'> {
  readonly app: Dependencies['app'] & Pick<App, 'agents' | 'plan' | 'models'>
  readonly providers: Config['providers']
  readonly pricesPath: Config['pricesPath']
  readonly dialectsPath: Config['dialectsPath']
  /** The process's circuit breakers; without them every model is asked, whatever it has answered. */
  readonly breakers?: TrafficGate | undefined
  /** Gets the keys and prices that the application's models lack. Where it is not given, the log warns of them. */
  readonly onModelGaps?: ((gaps: readonly ModelGap[]) => void) | undefined
}

/**
 * The activities of an application, over the providers, prices and dialects of this process.
 *
 * @throws OperatorFileUnusable where the operator's file of prices or dialects cannot be used
 */
export function createAppActivities({
  providers,
  pricesPath,
  dialectsPath,
  breakers,
  onModelGaps,
  ...dependencies
}: AppActivitiesOptions): RegisteredActivities {
  const { app, logger } = dependencies
  const prices = createPriceBook(readPriceOverrides(pricesPath, app.models), logger)
  const gaps = modelGaps(app, { providers, prices })
  if (onModelGaps === undefined) warnOfModelGaps(gaps, logger)
  else onModelGaps(gaps)
  return createActivities({
    ...dependencies,
    adapterFor: createModelAdapters(providers, { dialects: readDialects(dialectsPath, app.models), logger }),
    prices,
    traffic: inSequence(breakers === undefined ? [] : [breakers]),
  })
}
