import type { Config } from '../../config/config.ts'
import { openStoreAccess } from '../store/store-access.ts'
import { apiKeyBook } from './api-key-book.ts'
import type { KeyBook } from './key-book.ts'
import { storeKeyBook } from './store-key-book.ts'

/** The keys in the store, or those that the API of a local stack which is up has to give. */
export async function openKeyBook(config: Config): Promise<KeyBook> {
  const access = await openStoreAccess(config)
  return 'askApi' in access ? apiKeyBook(access.askApi) : storeKeyBook(access.database, access.close)
}
