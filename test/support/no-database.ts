import type { Database } from '../../src/store/database/database.ts'

const refuse = () => Promise.reject(new Error('No statement is expected here.'))

/** The store of a test in which nothing is stored and nothing read. */
export const NO_DATABASE: Database = {
  kind: 'pglite',
  query: refuse,
  transaction: refuse,
  listen: refuse,
  ping: refuse,
  connections: () => ({ used: 0, idle: 0, waiting: 0 }),
  close: async () => undefined,
  as: () => NO_DATABASE,
  get everyTenant() {
    return NO_DATABASE
  },
}
