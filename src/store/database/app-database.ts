import type { AppDatabase, AppDb } from '../../app/app-database.ts'
import type { Database, Db } from './database.ts'

/**
 * The database as an application's handlers get it: nothing of it can be closed or listened to. Its tables are the application's, so its
 * statements run as the role that made them, and not as a tenant's.
 */
export function toAppDatabase(database: Database): AppDatabase {
  return {
    query: toAppDb(database).query,
    transaction: (work) => database.transaction((tx) => work(toAppDb(tx))),
  }
}

/** Its prepared statements stand beside the product's on one connection, where one name with two texts is an error. */
function toAppDb(db: Db): AppDb {
  return {
    query: ({ name, text, values }) =>
      db.query({
        text,
        ...(name !== undefined && { name: `app_${name}` }),
        ...(values !== undefined && { values }),
      }),
  }
}
