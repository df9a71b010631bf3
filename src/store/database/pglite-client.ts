import type { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

/** Messages that end what is sent at once: a query of the simple protocol, and the end of one of the extended protocol. */
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
 * PGlite as PGlite's own adapter for pg needs it. The adapter sends the messages of a prepared statement one by one; after the
 * first that fails the others then run as well, fail too, and pg takes the second error for the end of the connection. Sent
 * together the failing one makes the rest be skipped, as on a socket, and it is quicker. A new client finds the session as the
 * one before it left it: hence the clean-up.
 */
function wholeQueries(pglite: PGlite): PGlite {
  let collected: Uint8Array[] = []
  const adapted: Pick<PGlite, 'waitReady' | 'execProtocolStream'> = {
    waitReady: pglite.exec('rollback; deallocate all').then(() => undefined),
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
