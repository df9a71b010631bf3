import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ports that systems give to connections, and to whoever listens on any (32768 to 60999 on Linux, from 49152 on macOS): one of
 * those may be taken between the moment that it is found free and the moment that a server listens on it.
 */
const GIVEN_BY_HAND = { from: 20_000, to: 32_768 } as const
const MOST_TRIES = 20

/** A port that is free at this moment. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await probePort(host, randomInt(GIVEN_BY_HAND.from, GIVEN_BY_HAND.to))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === MOST_TRIES) throw error
    }
  }
}

/**
 * Listens on a port for a moment, to see whether that is possible. By the time that it resolves another process may have taken it.
 *
 * @returns the port. Rejects with Node's error where it cannot be listened on
 */
export function probePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, host, () => {
      server.close(() => resolve(port))
    })
  })
}
