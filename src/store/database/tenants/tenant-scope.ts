import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from '../database.ts'

const tenants = new AsyncLocalStorage<string>()

/** Does work for a tenant: what it asks of a database that is {@link scopedToTenant} is asked for that tenant. */
export function inTenant<T>(tenant: string, work: () => T): T {
  return tenants.run(tenant, work)
}

/**
 * A database for what is always done for some tenant, and does not say each time for which. A statement outside of {@link inTenant} is
 * an error, and never one about all tenants.
 */
export function scopedToTenant(database: Database): Database {
  function own(): Database {
    const tenant = tenants.getStore()
    if (tenant === undefined) throw new Error('A statement was sent for no tenant: see Database.everyTenant.')
    return database.as(tenant)
  }
  return {
    ...database,
    query: async (statement) => own().query(statement),
    transaction: async (work) => own().transaction(work),
  }
}
