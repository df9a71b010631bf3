import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A load balancer as simple as there is: it passes connections on, in turn, to the APIs whose `/ready` has last said yes. Where none has, it
 * passes them to any, as real ones do: one that is slow to answer about itself may still serve. Where an API has closed its port, the next
 * one gets the connection: nothing has been sent by then.
 */
export interface ReadyProxy {
  readonly url: string
  /** Connections for which no API was ready. */
  blind(): number
  /** Connections that were refused by an API whose `/ready` has last said yes: it has closed its port before it said no for long enough. */
  refusedByReady(): number
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
  let refusedByReady = 0
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

  /** APIs in the order in which they are tried. */
  function candidates(): readonly string[] {
    const ready = readyUrls()
    if (ready.length === 0) blind += 1
    const urls = ready.length > 0 ? ready : [...known.keys()]
    const first = turn++ % Math.max(1, urls.length)
    return [...urls.slice(first), ...urls.slice(0, first)]
  }

  function track(socket: Socket): void {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  }

  /** Resolves to null where none takes the connection. */
  async function dial(urls: readonly string[]): Promise<Socket | null> {
    for (const url of urls) {
      const isReady = known.get(url)?.isReady === true
      const api = connect(Number(new URL(url).port), '127.0.0.1')
      track(api)
      const isTaken = await once(api, 'connect').then(
        () => true,
        () => false,
      )
      if (isTaken) return api
      if (isReady) refusedByReady += 1
    }
    return null
  }

  async function pass(client: Socket): Promise<void> {
    const api = await dial(candidates())
    if (api === null || client.destroyed) {
      reset(client)
      api?.destroy()
      return
    }
    for (const [socket, other] of [
      [client, api],
      [api, client],
    ] as const) {
      // The end of one side ends the other one once it has got everything; a reset is passed on as such.
      socket.pipe(other)
      socket.on('error', () => reset(other))
      socket.on('close', () => other.end())
    }
  }

  const server = createServer((client) => {
    track(client)
    // Also of one that goes before an API has taken it.
    client.on('error', () => client.destroy())
    void pass(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const timer = setInterval(ask, ASK_EVERY_MS)

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blind: () => blind,
    refusedByReady: () => refusedByReady,
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

/** Breaks a connection off. Node never closes one that is reset while it is being ended, and its process then does not exit. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
