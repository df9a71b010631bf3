import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../../policies/api.ts'

interface Bounds {
  readonly heldBytes: number
  readonly checkMs: number
}

/**
 * Bounds what connections hold in memory: requests that are not answered yet, and answers that nobody takes. One of each is all that
 * a connection has, but a file or a page of long messages has megabytes, and there are thousands of connections: while they hold more than
 * the bound together, the one that holds most is cut off. Large bodies are refused long before (`limits/bound-large-bodies.ts`), so what is cut off are
 * answers that nobody takes, small bodies in masses, or what is sent after a refusal.
 */
export function boundHeldBytes(
  server: Server,
  { heldBytes, checkMs }: Bounds = { heldBytes: HTTP.heldBytes, checkMs: HTTP.connectionsCheckMs },
): void {
  /** With what each has read up to its last answer. */
  const connections = new Map<Socket, number>()
  server.on('connection', (socket) => {
    connections.set(socket, 0)
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    response.once('close', () => {
      if (connections.has(socket)) connections.set(socket, socket.bytesRead)
    })
  })

  const check = setInterval(() => {
    const holding = [...connections].map(([socket, answered]) => {
      return { socket, bytes: socket.writableLength + socket.bytesRead - answered }
    })
    let total = holding.reduce((sum, { bytes }) => sum + bytes, 0)
    if (total <= heldBytes) return
    for (const { socket, bytes } of holding.sort((one, other) => other.bytes - one.bytes)) {
      total -= bytes
      socket.destroy()
      if (total <= heldBytes) return
    }
  }, checkMs)
  check.unref()
  server.once('close', () => clearInterval(check))
}
