import type { Database, Db } from './database.ts'
import { inTime } from './in-time.ts'
import { connectionFailed } from './outage.ts'
import type { OutageWatch } from './outage-watch.ts'
import { STORE_TIMING } from './timing.ts'

/**
 * The same database, for those who have a caller waiting: a statement or transaction that takes long has the store asked whether it is there,
 * and fails as an outage where it is not. One that is only slow goes on. What was sent goes on as well, as after a lost answer.
 *
 * @param isThere over a connection of its own, since those of the pool may all be stuck
 * @param watch is told where it is not
 */
export function impatient(
  database: Database,
  isThere: () => Promise<boolean>,
  watch: Pick<OutageWatch, 'lost'>,
): Database {
  let looking: Promise<boolean> | null = null

  /** One look for all who doubt at the same time. */
  function look(): Promise<boolean> {
    looking ??= isThere().finally(() => {
      looking = null
    })
    return looking
  }

  async function unlessAway<T>(work: Promise<T>): Promise<T> {
    const answered = work.then((value) => ({ value }))
    for (;;) {
      const soon = await inTime(STORE_TIMING.doubtMs, answered)
      if (soon !== null) return soon.value
      if (await look()) continue
      // In a process that was busy itself, the answer may have come before it was read.
      const late = await inTime(0, answered)
      if (late !== null) return late.value
      const error = connectionFailed(new Error('The store does not answer.'))
      watch.lost(error)
      throw error
    }
  }

  // What it gives for a tenant, or for all of them, is as impatient as itself.
  const wrap = (one: Database): Database => ({
    ...one,
    query: <R extends object>(statement: Parameters<Db['query']>[0]) => unlessAway(one.query<R>(statement)),
    transaction: (work) => unlessAway(one.transaction(work)),
    ping: () => unlessAway(one.ping()),
    as: (tenant) => wrap(one.as(tenant)),
    get everyTenant() {
      return wrap(one.everyTenant)
    },
  })
  return wrap(database)
}
