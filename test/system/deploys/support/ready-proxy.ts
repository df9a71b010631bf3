import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A load balancer as simple as there is: it passes connections on, in turn, to the APIs whose `/ready` has last said yes. Where none has, it
 * passes them to any, as real ones do: one that is slow to answer about itself may still serve.
 */
export interface ReadyProxy {
  readonly url: string
  /** Connections for which no API was ready. */
  blind(): number
  add(apiUrl: string): void
  remove(apiUrl: string): void
  /** Resolves when so many APIs are ready. */
  ready(count: number): Promise<void>
  close(): Promise<void>
}

/** How often each API is asked: as often as a quick load balancer does. */
const ASK_EVERY_MS = 500
/** Without an answer for so long it is not ready. */
const PATIENCE_MS = 2_000

export async function startReadyProxy(): Promise<ReadyProxy> {
  const known = new Map<string, { isReady: boolean }>()
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  let turn = 0
  let blind = 0
  let asking = false

  const readyUrls = () => [...known].flatMap(([url, { isReady }]) => (isReady ? [url] : []))

  async function ask(): Promise<void> {
    // An answer that is late must not overtake the next one.
    if (asking) return
    asking = true
    await Promise.all(
      [...known].map(async ([url, state]) => {
        state.isReady = await fetch(`${url}/ready`, {
          headers: { connection: 'close' },
          signal: AbortSignal.timeout(PATIENCE_MS),
        }).then(
          ({ ok }) => ok,
          () => false,
        )
      }),
    )
    asking = false
    for (const look of waiting) look()
  }

  const server = createServer((client) => {
    const ready = readyUrls()
    if (ready.length === 0) blind += 1
    const urls = ready.length > 0 ? ready : [...known.keys()]
    const target = urls[turn++ % urls.length]
    if (target === undefined) {
      client.destroy()
      return
    }
    const api = connect(Number(new URL(target).port), '127.0.0.1')
    for (const [socket, other] of [
      [client, api],
      [api, client],
    ] as const) {
      sockets.add(socket)
      // The end of one side ends the other one once it has got everything; a reset is passed on as such.
      socket.pipe(other)
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.end()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const timer = setInterval(ask, ASK_EVERY_MS)

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blind: () => blind,
    add: (url) => void known.set(url, { isReady: false }),
    remove: (url) => void known.delete(url),
    ready(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = () => {
        if (readyUrls().length < count) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      return promise
    },
    async close() {
      clearInterval(timer)
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
