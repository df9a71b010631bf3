import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { readDialects } from '../activities/models/dialects/read-dialects.ts'
import { createPriceBook } from '../activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../activities/models/prices/read-price-overrides.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config.ts'
import { modelGaps } from './model-gaps.ts'

interface AppActivitiesOptions extends Omit<Dependencies, 'adapterFor' | 'prices'> {
  readonly app: Dependencies['app'] & Pick<App, 'agents' | 'plan' | 'models'>
  readonly providers: Config['providers']
  readonly pricesPath: Config['pricesPath']
  readonly dialectsPath: Config['dialectsPath']
}

/**
 * The activities of an application, over the providers, prices and dialects of this process. What the application's models lack is
 * said in the log, since a run would only find out when it comes to them.
 *
 * @throws OperatorFileUnusable where the operator's prices or dialects are none
 */
export function createAppActivities({
  providers,
  pricesPath,
  dialectsPath,
  ...dependencies
}: AppActivitiesOptions): RegisteredActivities {
  const { app, logger } = dependencies
  const prices = createPriceBook(readPriceOverrides(pricesPath, app.models), logger)
  for (const { models, agents, text } of modelGaps(app, { providers, prices })) {
    logger.warn({ models, agents }, text)
  }
  return createActivities({
    ...dependencies,
    adapterFor: createModelAdapters(providers, { dialects: readDialects(dialectsPath, app.models), logger }),
    prices,
  })
}
