import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { columnTypes } from './column-types.ts'
import type { Database, Db } from './database.ts'
import { pgliteClient } from './pglite-client.ts'
import { createPoolDatabase, type Listener } from './pool-database.ts'
import { STORE_TIMING } from './timing.ts'

export interface PgliteOptions {
  /** Where the files are; in memory when absent. Only one process may have it open: the caller holds the lock. */
  readonly dir?: string
}

/** The embedded database: Postgres in this process. */
export async function openPglite({ dir }: PgliteOptions = {}): Promise<Database> {
  if (dir === undefined) return overPglite(await PGlite.create())
  const pglite = await PGlite.create({ dataDir: dir })
  closeToOthers(dir)
  return overPglite(pglite)
}

/** PGlite unpacks its files for everybody to read and write, whatever the process's umask says. */
function closeToOthers(dir: string): void {
  chmodSync(dir, 0o700)
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o600)
  }
}

/** Takes over an instance and closes it in the end. It has one connection, so statements and transactions take turns. */
export function overPglite(pglite: PGlite): Database {
  const config = {
    Client: pgliteClient(pglite),
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: STORE_TIMING.embeddedTurnMs,
    types: columnTypes,
  }
  const pool = new pg.Pool(config)
  // The statement that was under way has the error too; without a listener it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return createPoolDatabase({
    kind: 'pglite',
    pool,
    createListener: (db) => createPgliteListener(pglite, db),
    afterClose: () => pglite.close(),
  })
}

/** LISTEN goes through the pool: straight to PGlite it would land in whatever transaction is open, and be undone with it. */
function createPgliteListener(pglite: PGlite, db: Db): Listener {
  const stops = new Set<() => void>()
  return {
    async listen(channel, onPayload) {
      await db.query({ text: `listen ${pg.escapeIdentifier(channel)}` })
      const stop = pglite.onNotification((from, payload) => {
        // Not in the middle of the statement that brought it.
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
