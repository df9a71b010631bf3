import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { columnTypes } from './column-types.ts'
import type { Database, Db } from './database.ts'
import { pgliteClient } from './pglite-client.ts'
import { createPoolDatabase, type Listener, type PoolDatabaseOptions } from './pool-database.ts'
import type { SlowListener } from './slow-statements.ts'
import { STORE_TIMING } from './timing.ts'

export interface PgliteOptions {
  /** Directory of the files; in memory when absent. Only one process may have it open: the caller holds the lock. */
  readonly dir?: string
  /** See {@link PoolDatabaseOptions}. */
  readonly idleInTransactionMs?: number
  readonly onSlow?: SlowListener
}

/** The embedded database: Postgres in this process. */
export async function openPglite({ dir, ...options }: PgliteOptions = {}): Promise<Database> {
  if (dir === undefined) return overPglite(await PGlite.create(), options)
  const pglite = await PGlite.create({ dataDir: dir })
  closeToOthers(dir)
  return overPglite(pglite, options)
}

/** PGlite unpacks its files for everybody to read and write, whatever the process's umask says. */
function closeToOthers(dir: string): void {
  chmodSync(dir, 0o700)
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o600)
  }
}

/** A database over an instance, which it also closes. There is one connection, so statements and transactions take turns. */
export function overPglite(
  pglite: PGlite,
  { idleInTransactionMs = STORE_TIMING.embeddedIdleInTransactionMs, onSlow }: Omit<PgliteOptions, 'dir'> = {},
): Database {
  const config = {
    Client: pgliteClient(pglite),
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: STORE_TIMING.embeddedTurnMs,
    types: columnTypes,
  }
  const pool = new pg.Pool(config)
  // Without a listener an error would end the process. The statement under way rejects with the same error.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return createPoolDatabase({
    kind: 'pglite',
    pool,
    createListener: (db) => createPgliteListener(pglite, db),
    onSlow,
    idleInTransactionMs,
    afterClose: () => pglite.close(),
  })
}

/** Sends LISTEN through the pool: sent to PGlite directly it would run inside an open transaction, and be rolled back with it. */
function createPgliteListener(pglite: PGlite, db: Db): Listener {
  const stops = new Set<() => void>()
  return {
    async listen(channel, onPayload) {
      await db.query({ text: `listen ${pg.escapeIdentifier(channel)}` })
      const stop = pglite.onNotification((from, payload) => {
        // Called later, since PGlite is still in the middle of the statement that sent the notification.
        if (from === channel) setImmediate(onPayload, payload)
      })
      stops.add(stop)
      return async () => {
        stops.delete(stop)
        stop()
      }
    },
    async close() {
      for (const stop of stops) stop()
    },
  }
}
