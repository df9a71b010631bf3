import type { Database } from '../../src/store/database/database.ts'

type Changes = Partial<Pick<Database, 'query' | 'transaction' | 'ping'>>

/** A database that does some things in another way, also where it is asked for a tenant or for all of them. */
export function changedDatabase(real: Database, change: (one: Database) => Changes): Database {
  return {
    ...real,
    ...change(real),
    as: (tenant) => changedDatabase(real.as(tenant), change),
    get everyTenant() {
      return changedDatabase(real.everyTenant, change)
    },
  }
}
