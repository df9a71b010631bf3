import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../../policies/api.ts'

interface Bounds {
  readonly heldBytes: number
  readonly checkMs: number
}

/** Is told how many connections were cut off at once, and what they held. */
export type CutListener = (cut: { readonly connections: number; readonly bytes: number }) => void

interface Connection {
  /** What it had read at its last answer. */
  answered: number
  /** The rest of a body whose request was answered is on its way, and is dropped as it comes. */
  drops: boolean
}

/** Connections whose body has its own bound, until its request is answered. */
const boundElsewhere = new WeakSet<Socket>()

/** Leaves the body that is under way on a connection out of what connections may hold. To be called where something else bounds it. */
export function leaveOutBody(socket: Socket): void {
  boundElsewhere.add(socket)
}

/**
 * Bounds what connections hold in memory: requests that are not answered yet, and answers that nobody takes. One of each is all that
 * a connection has, but a file or a page of long messages has megabytes, and there are thousands of connections: while they hold more than
 * the bound together, the one that holds most is cut off. Large bodies have shares of their own (`limits/bound-large-bodies.ts`), and what is sent
 * after a refusal is dropped: neither counts, so that nobody can have the uploads of others cut off. What is cut off are answers that nobody takes,
 * and small bodies in masses.
 */
export function boundHeldBytes(
  server: Server,
  onCut: CutListener,
  { heldBytes, checkMs }: Bounds = { heldBytes: HTTP.heldBytes, checkMs: HTTP.connectionsCheckMs },
): void {
  const connections = new Map<Socket, Connection>()
  server.on('connection', (socket) => {
    connections.set(socket, { answered: 0, drops: false })
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', (request, response) => {
    const { socket } = request
    const connection = connections.get(socket)
    if (connection === undefined) return
    if (connection.drops) Object.assign(connection, { answered: socket.bytesRead, drops: false })
    response.once('close', () => {
      boundElsewhere.delete(socket)
      Object.assign(connection, { answered: socket.bytesRead, drops: !request.complete })
    })
  })

  function heldBy(socket: Socket, { answered, drops }: Connection): number {
    const isLeftOut = drops || boundElsewhere.has(socket)
    return socket.writableLength + (isLeftOut ? 0 : socket.bytesRead - answered)
  }

  const check = setInterval(() => {
    const holding = [...connections].map(([socket, connection]) => ({
      socket,
      bytes: heldBy(socket, connection),
    }))
    let total = holding.reduce((sum, { bytes }) => sum + bytes, 0)
    if (total <= heldBytes) return
    const cut = { connections: 0, bytes: 0 }
    for (const { socket, bytes } of holding.sort((one, other) => other.bytes - one.bytes)) {
      total -= bytes
      cut.connections += 1
      cut.bytes += bytes
      socket.destroy()
      if (total <= heldBytes) break
    }
    onCut(cut)
  }, checkMs)
  check.unref()
  server.once('close', () => clearInterval(check))
}
