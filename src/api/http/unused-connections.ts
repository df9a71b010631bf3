import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Closes connections that have not brought a request yet as the server begins to stop. Clients and load balancers open some ahead
 * of need. Node closes those that have been used and are idle; these it waits for, until the other side gives up.
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
