import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A parcel service. */
export interface Carrier {
  readonly url: string
  /** From now on every `nth` request is answered 503; null: none is. */
  failEvery(nth: number | null): void
  close(): Promise<void>
}

export async function startCarrier(): Promise<Carrier> {
  let failing: number | null = null
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    const fails = failing !== null && asked % failing === 0
    response.writeHead(fails ? 503 : 200).end(fails ? 'Overloaded' : 'Leipzig')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failEvery(nth) {
      failing = nth
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
