import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { readDialects } from '../activities/models/dialects/read-dialects.ts'
import { createPriceBook } from '../activities/models/prices/price-book.ts'
import { readPriceOverrides } from '../activities/models/prices/read-price-overrides.ts'
import { findTool } from '../activities/tools/catalog.ts'
import { findPrompt } from '../agents/prompts/find-prompt.ts'
import type { Config } from '../config.ts'

interface Outside extends Pick<Dependencies, 'database' | 'logger' | 'admits'> {
  readonly providers: Config['providers']
  readonly pricesPath: Config['pricesPath']
  readonly dialectsPath: Config['dialectsPath']
}

/**
 * The activities over the tools and prompts of this build, for whichever process a worker runs in.
 *
 * @throws OperatorFileUnusable where the operator's prices or dialects are none
 */
export function shippedActivities({
  providers,
  pricesPath,
  dialectsPath,
  ...outside
}: Outside): RegisteredActivities {
  const { logger } = outside
  return createActivities({
    ...outside,
    adapterFor: createModelAdapters(providers, { dialects: readDialects(dialectsPath), logger }),
    prices: createPriceBook(readPriceOverrides(pricesPath), logger),
    findTool,
    findPrompt,
  })
}
