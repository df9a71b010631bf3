import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../policies/api.ts'

interface Bounds {
  readonly unsentBytes: number
  readonly checkMs: number
}

/**
 * Bounds what answers hold in memory that nobody takes. One answer is all that a connection holds, but a page of long messages has
 * tens of megabytes, and there are thousands of connections: while they hold more than the bound together, the one that holds most
 * is cut off.
 */
export function boundUnsentBytes(
  server: Server,
  { unsentBytes, checkMs }: Bounds = { unsentBytes: HTTP.unsentBytes, checkMs: HTTP.connectionsCheckMs },
): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  const check = setInterval(() => {
    const holding = [...sockets].filter(({ writableLength }) => writableLength > 0)
    let total = holding.reduce((sum, { writableLength }) => sum + writableLength, 0)
    if (total <= unsentBytes) return
    for (const socket of holding.sort((one, other) => other.writableLength - one.writableLength)) {
      total -= socket.writableLength
      socket.destroy()
      if (total <= unsentBytes) return
    }
  }, checkMs)
  check.unref()
  server.once('close', () => clearInterval(check))
}
