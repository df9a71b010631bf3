import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { createPriceBook } from '../activities/models/price-book.ts'
import { readPriceOverrides } from '../activities/models/read-price-overrides.ts'
import { findTool } from '../activities/tools/catalog.ts'
import { findPrompt } from '../agents/prompts/find-prompt.ts'
import type { Config } from '../config.ts'

interface Outside extends Pick<Dependencies, 'database' | 'logger' | 'admits'> {
  readonly providers: Config['providers']
  readonly pricesPath: Config['pricesPath']
}

/**
 * The activities over the tools and prompts of this build, for whichever process a worker runs in.
 *
 * @throws PricesUnusable where the operator's prices are none
 */
export function shippedActivities({ providers, pricesPath, ...outside }: Outside): RegisteredActivities {
  return createActivities({
    ...outside,
    adapterFor: createModelAdapters(providers),
    prices: createPriceBook(readPriceOverrides(pricesPath)),
    findTool,
    findPrompt,
  })
}
