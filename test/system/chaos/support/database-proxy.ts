import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * What is held back: the messages to Postgres in which all of `having` occur, so that they are never carried out, or the
 * answers to them, so that they are and nobody hears of it.
 */
export interface Hold {
  readonly what: 'request' | 'answer'
  readonly having: readonly string[]
}

export interface DatabaseProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string
  /** Resolves when that many connections are held. They stay so until the client has gone. */
  held(count: number): Promise<void>
  close(): Promise<void>
}

/**
 * Stands between a worker and Postgres, and stops at one place in what the worker does: the place in which a test wants it to
 * die. A client that has gone is gone for Postgres as well, so a request that was held is never carried out.
 */
export async function startDatabaseProxy(databaseUrl: string, hold: Hold): Promise<DatabaseProxy> {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let holds = 0
  const waiting: { readonly count: number; resolve(): void }[] = []

  function addHold(): void {
    holds += 1
    for (const { count, resolve } of waiting) if (holds >= count) resolve()
  }

  const server = createServer((client) => {
    const postgres = connect(Number(port), hostname)
    let held = false
    client.on('data', (chunk) => {
      const hit = hold.having.every((text) => chunk.includes(text))
      if (hit && !held) {
        held = true
        addHold()
      }
      if (!held || hold.what === 'answer') postgres.write(chunk)
    })
    postgres.on('data', (chunk) => {
      if (!held) client.write(chunk)
    })
    for (const [socket, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      sockets.add(socket)
      // A worker that is killed resets its connections; that is what this is for.
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)

  return {
    url: url.href,
    held(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ count, resolve })
      if (holds >= count) resolve()
      return promise
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
