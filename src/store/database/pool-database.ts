import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import type { Database, Db, Statement } from './database.ts'
import { createIdleClock } from './idle-clock.ts'
import { connectionFailed, statementFailed } from './outage.ts'
import type { OutageWatch } from './outage-watch.ts'
import { type Beforehand, type SlowListener, watchedForSlowness } from './slow-statements.ts'
import { createTenantWall } from './tenants/tenant-wall.ts'

/** LISTEN, which each kind of database implements. */
export interface Listener {
  listen: Database['listen']
  close(): Promise<void>
}

export interface PoolDatabaseOptions {
  readonly kind: Database['kind']
  readonly pool: pg.Pool
  readonly createListener: (db: Db) => Listener
  /** A connection keeps one plan of a named statement, whatever the values. A statement without a name is then planned for its values. */
  readonly plansOnce?: boolean
  /** Is called with each outage and each answer. Absent for the embedded database, which is never away. */
  readonly watch?: OutageWatch
  readonly onSlow?: SlowListener | undefined
  /**
   * A transaction that sends no statement for so long is rolled back. For a database whose server does not do it: with one connection,
   * a handler that never returns would keep everybody waiting.
   */
  readonly idleInTransactionMs?: number
  /** Called once where the server does not keep tenants apart. */
  readonly onNoWall?: () => void
  /** Called at the very end of `close`. */
  readonly afterClose?: () => Promise<void>
}

const BEGIN = 'begin'
const COMMIT = 'commit'
/** One round trip; undone with the transaction. */
const BEGIN_PLANNED_FOR_VALUES = 'begin; set local plan_cache_mode = auto'

/** A database over a pool of connections. */
export function createPoolDatabase({
  kind,
  pool,
  createListener,
  plansOnce = false,
  watch,
  onSlow = () => undefined,
  idleInTransactionMs,
  onNoWall = () => undefined,
  afterClose,
}: PoolDatabaseOptions): Database {
  const insideTransaction = new AsyncLocalStorage<true>()
  const underWay = new Set<Promise<unknown>>()
  const wall = createTenantWall(send, onNoWall)

  function withClient<T>(tenant: string | null, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (insideTransaction.getStore())
      throw new Error('Inside a transaction only the transaction may be used.')
    const done = connect(tenant).then(work)
    underWay.add(done)
    const forget = () => underWay.delete(done)
    done.then(forget, forget)
    return done
  }

  async function connect(tenant: string | null): Promise<pg.PoolClient> {
    const client = await pool.connect().catch((error: unknown) => {
      watch?.lost(error)
      throw connectionFailed(error)
    })
    try {
      await wall.bind(client, tenant)
      return client
    } catch (error) {
      // Nobody knows whose it is.
      client.release(true)
      throw error
    }
  }

  /** Returns the rows of a statement; of the last one, where the text has several. */
  async function send(client: pg.PoolClient, statement: Statement): Promise<object[]> {
    const { name, text, values, timeoutMs } = statement
    try {
      const result: pg.QueryResult | pg.QueryResult[] = await client.query({
        text,
        ...(name && { name: wall.nameOn(client, name) }),
        ...(values && { values: [...values] }),
        ...(timeoutMs && { query_timeout: timeoutMs }),
      })
      watch?.answered()
      return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []
    } catch (error) {
      if (!leavesConnectionUsable(error)) watch?.lost(error)
      throw statementFailed(error)
    }
  }

  async function query(tenant: string | null, statement: Statement): Promise<object[]> {
    const { name, values } = statement
    // A list is filtered by what comes often and by what hardly ever does: one plan for both would read all rows for the latter.
    if (plansOnce && name === undefined && values !== undefined) {
      return inTransaction(tenant, BEGIN_PLANNED_FOR_VALUES, (tx) => tx.query(statement))
    }
    return watchedForSlowness(onSlow, name, (connected) =>
      withClient(tenant, async (client) => {
        connected()
        try {
          const rows = await send(client, statement)
          client.release()
          return rows
        } catch (error) {
          client.release(!leavesConnectionUsable(error))
          throw error
        }
      }),
    )
  }

  async function inTransaction<T>(
    tenant: string | null,
    begin: string,
    work: (tx: Db) => Promise<T>,
  ): Promise<T> {
    const since = performance.now()
    return withClient(tenant, async (client) => {
      const waitedMs = performance.now() - since
      let before: Beforehand | undefined
      const idle = createIdleClock(idleInTransactionMs)
      const tx: Db = {
        query: (statement) => {
          const beforeFirst = before
          before = undefined
          const sent = () => idle.during(() => send(client, statement))
          return watchedForSlowness(onSlow, statement.name, sent, beforeFirst) as never
        },
      }
      try {
        await send(client, { text: begin })
        before = { waitedMs, tookMs: performance.now() - since }
        idle.start()
        const result = await Promise.race([insideTransaction.run(true, () => work(tx)), idle.expired])
        idle.stop()
        await watchedForSlowness(onSlow, COMMIT, () => commit(client))
        client.release()
        return result
      } catch (error) {
        idle.stop()
        const rolledBack = await client.query('rollback').then(
          () => true,
          () => false,
        )
        client.release(!rolledBack)
        throw error
      }
    })
  }

  let closing: Promise<void> | null = null
  async function close(): Promise<void> {
    await listener.close()
    // Before the pool ends, since it never answers those who still wait for a connection.
    await Promise.allSettled(underWay)
    await pool.end()
    await afterClose?.()
  }

  function handle(tenant: string | null): Database {
    return {
      kind,
      query: (statement) => query(tenant, statement) as never,
      transaction: (work) => inTransaction(tenant, BEGIN, work),
      as: handle,
      get everyTenant() {
        return everyTenant
      },
      listen: (...args) => listener.listen(...args),
      ping: async () => {
        await query(null, { text: 'select 1' })
      },
      connections: () => ({
        used: pool.totalCount - pool.idleCount,
        idle: pool.idleCount,
        waiting: pool.waitingCount,
      }),
      close: () => {
        closing ??= close()
        return closing
      },
    }
  }

  const everyTenant = handle(null)
  const listener = createListener(everyTenant)
  return everyTenant
}

async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query(COMMIT).catch((error: unknown) => {
    throw statementFailed(error)
  })
  // After a failed statement Postgres answers `commit` with ROLLBACK, and no error: the caller would take its writes for stored.
  if (command !== 'COMMIT')
    throw new Error('The transaction was rolled back: one of its statements had failed.')
}

/** True where the server refused the statement; false where the server or the connection is gone. */
function leavesConnectionUsable(error: unknown): boolean {
  return (
    error instanceof Error && 'severity' in error && 'code' in error && !/^(08|57P)/.test(String(error.code))
  )
}
