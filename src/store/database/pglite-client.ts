import type { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

/** Types of the messages that end a batch: a query of the simple protocol, and Sync of the extended protocol. */
const QUERY = 'Q'.charCodeAt(0)
const SYNC = 'S'.charCodeAt(0)

/** A class of pg clients that talk to PGlite in place of a socket, for a pool. */
export function pgliteClient(pglite: PGlite): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      const { connection } = createPgConfig(wholeQueries(pglite))
      super({ ...config, connection } as pg.ClientConfig)
    }
  }
}

/**
 * Wraps PGlite for its own adapter for pg, which sends the messages of a prepared statement one by one. After a message that fails
 * PGlite would run the rest, which fails too, and pg takes the second error for the end of the connection. In one batch, the rest is
 * skipped after a failure, as on a socket; it is also quicker.
 *
 * Cleans up the session first, since a new client finds it as the client before left it.
 */
function wholeQueries(pglite: PGlite): PGlite {
  let collected: Uint8Array[] = []
  const adapted: Pick<PGlite, 'waitReady' | 'execProtocolStream'> = {
    waitReady: pglite.exec('rollback; deallocate all; reset role').then(() => undefined),
    async execProtocolStream(message, options) {
      collected.push(message)
      if (message[0] !== QUERY && message[0] !== SYNC) return []
      const whole = Buffer.concat(collected)
      collected = []
      return pglite.execProtocolStream(whole, options)
    },
  }
  return adapted as PGlite
}
