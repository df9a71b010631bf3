import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Closes connections without a request when the server begins to stop. Clients and load balancers open some in advance. Node closes used
 * idle connections itself, and would wait for the unused ones until the other side closes them.
 */
export function addUnusedConnections(server: FastifyInstance): void {
  const unused = new Set<Socket>()
  let closing = false

  server.server.on('connection', (socket) => {
    if (closing) {
      socket.destroy()
      return
    }
    unused.add(socket)
    socket.once('close', () => unused.delete(socket))
  })
  server.server.on('request', ({ socket }) => unused.delete(socket))
  server.addHook('preClose', async () => {
    closing = true
    for (const socket of unused) socket.destroy()
  })
}
