import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to Postgres that can be closed: whoever uses it finds the store as it is when the server has gone. */
export interface StoreSwitch {
  readonly url: string
  /** Resets every connection and refuses new ones. */
  goAway(): Promise<void>
  back(): Promise<void>
  close(): Promise<void>
}

export async function startStoreSwitch(databaseUrl: string): Promise<StoreSwitch> {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let server: Server | null = null

  async function listen(at: number): Promise<number> {
    const opened = createServer((client) => {
      const postgres = connect(Number(port), hostname)
      for (const [socket, other] of [
        [client, postgres],
        [postgres, client],
      ] as const) {
        sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
    opened.listen(at, '127.0.0.1')
    await once(opened, 'listening')
    server = opened
    return (opened.address() as AddressInfo).port
  }

  async function goAway(): Promise<void> {
    if (server === null) return
    const closed = once(server, 'close')
    server.close()
    server = null
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }

  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  const own = await listen(0)
  url.port = String(own)
  return {
    url: url.href,
    goAway,
    async back() {
      await listen(own)
    },
    close: goAway,
  }
}
