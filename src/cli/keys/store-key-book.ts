import { createKey } from '../../api/access/create-key.ts'
import { rotateKey } from '../../api/access/rotate-key.ts'
import { listApiKeys, revokeApiKey } from '../../store/access/api-keys.ts'
import type { Database } from '../../store/database/database.ts'
import type { KeyBook } from './key-book.ts'

/** Keys of all tenants where none is named: whoever reaches the store may do anything to it. */
export function storeKeyBook(database: Database, close: () => Promise<void>): KeyBook {
  return {
    create: (wishes) => createKey(database, { ...wishes, tenant: wishes.tenant ?? 'default' }),
    list: async (tenant) => ({
      keys: await listApiKeys(database, tenant ?? undefined),
      of: tenant === null ? 'all tenants' : `the tenant "${tenant}"`,
    }),
    rotate: (id, tenant, oldValidForMs) =>
      rotateKey(database, { id, oldValidForMs, ...(tenant !== null && { tenant }) }),
    revoke: (id, tenant) => revokeApiKey(database, id, tenant ?? undefined),
    close,
  }
}
