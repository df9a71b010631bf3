import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { readDialects } from '../activities/models/dialects/read-dialects.ts'
import { createPriceBook } from '../activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../activities/models/prices/read-price-overrides.ts'
import type { Config } from '../config.ts'

interface AppActivitiesOptions extends Omit<Dependencies, 'adapterFor' | 'prices'> {
  readonly providers: Config['providers']
  readonly pricesPath: Config['pricesPath']
  readonly dialectsPath: Config['dialectsPath']
}

/**
 * The activities of an application, over the providers, prices and dialects of this process.
 *
 * @throws OperatorFileUnusable where the operator's prices or dialects are none
 */
export function createAppActivities({
  providers,
  pricesPath,
  dialectsPath,
  ...dependencies
}: AppActivitiesOptions): RegisteredActivities {
  const { logger } = dependencies
  return createActivities({
    ...dependencies,
    adapterFor: createModelAdapters(providers, { dialects: readDialects(dialectsPath), logger }),
    prices: createPriceBook(readPriceOverrides(pricesPath), logger),
  })
}
