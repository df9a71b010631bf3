import { createKey } from '../../api/access/create-key.ts'
import { rotateKey } from '../../api/access/rotate-key.ts'
import { listApiKeys, revokeApiKey } from '../../store/access/api-keys.ts'
import type { Database } from '../../store/database/database.ts'
import type { KeyBook } from './key-book.ts'

/** Keys of all tenants: whoever reaches the store may do anything to it. */
export function storeKeyBook(database: Database, close: () => Promise<void>): KeyBook {
  return {
    create: (wishes) => createKey(database, wishes),
    list: () => listApiKeys(database),
    rotate: (id, oldValidForMs) => rotateKey(database, { id, oldValidForMs }),
    revoke: (id) => revokeApiKey(database, id),
    close,
  }
}
