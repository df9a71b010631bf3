import pg from 'pg'
import type { Logger } from 'pino'
import { columnTypes } from './column-types.ts'
import type { Database } from './database.ts'
import { impatient } from './impatient.ts'
import { inTime } from './in-time.ts'
import { createOutageWatch, type OutageListener } from './outage-watch.ts'
import { createPoolDatabase } from './pool-database.ts'
import { createPostgresListener } from './postgres-listener.ts'
import type { SlowListener } from './slow-statements.ts'
import { NO_WALL } from './tenants/tenant-wall.ts'
import { STORE_TIMING } from './timing.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
  readonly onOutage?: OutageListener
  readonly onSlow?: SlowListener
  /** Connections for statements; one more listens. */
  readonly maxConnections?: number
  /** Somebody waits for each statement: one that takes long fails where the store is away; see {@link impatient}. */
  readonly callersWait?: boolean
}

/**
 * The first plan of a named statement is kept. They look for keys, so values make no difference to them; but by itself each
 * connection plans a statement six times before it believes that, and a plan takes longer than many calls.
 */
const PLAN_CACHE_MODE = 'force_generic_plan'

/** A Postgres server. Connects with the first statement, so a server that is down shows there. */
export function openPostgres({
  url,
  logger,
  onOutage,
  onSlow,
  maxConnections = 10,
  callersWait = false,
}: PostgresOptions): Database {
  const connection: pg.ClientConfig = {
    connectionString: url,
    application_name: 'holdfast',
    types: columnTypes,
    connectionTimeoutMillis: STORE_TIMING.connectMs,
    statement_timeout: STORE_TIMING.statementMs,
    query_timeout: STORE_TIMING.silenceMs,
    idle_in_transaction_session_timeout: STORE_TIMING.idleInTransactionMs,
    options: `-c plan_cache_mode=${PLAN_CACHE_MODE}`,
    keepAlive: true,
  }
  const pool = new pg.Pool({
    ...connection,
    max: maxConnections,
    idleTimeoutMillis: STORE_TIMING.idleConnectionMs,
  })
  const watch = createOutageWatch(logger, onOutage)
  pool.on('error', watch.lost)
  // The pool listens to idle clients only; the error of a client between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', watch.lost))
  const database = createPoolDatabase({
    kind: 'postgres',
    pool,
    plansOnce: true,
    watch,
    onSlow,
    onNoWall: () => logger.warn(NO_WALL),
    createListener: () => createPostgresListener(() => new pg.Client(connection), logger),
  })
  return callersWait ? impatient(database, () => answersAnew(connection), watch) : database
}

const TOO_MANY_CONNECTIONS = '53300'

/** Whether the server takes a new connection and answers on it, in the time of a ping. */
async function answersAnew(connection: pg.ClientConfig): Promise<boolean> {
  const { pingMs } = STORE_TIMING
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: pingMs, query_timeout: pingMs })
  // Without a listener the error of a broken connection would end the process. Its query fails as well.
  client.on('error', () => undefined)
  const answer = client.connect().then(() => client.query('select 1'))
  try {
    return (await inTime(pingMs, answer)) !== null
  } catch (error) {
    // A server that has no connection left to give is there.
    return (error as { code?: unknown }).code === TOO_MANY_CONNECTIONS
  } finally {
    answer.finally(() => client.end()).catch(() => undefined)
  }
}
