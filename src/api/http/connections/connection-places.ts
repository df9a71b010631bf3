import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../../policies/api.ts'

interface Places {
  readonly connections: number
  readonly spareConnections: number
}

/** The set that has a connection while it is a stranger's: nobody has shown a good credential on it. */
const strangersWith = new WeakMap<Socket, Set<Socket>>()
const spare = new WeakSet<Socket>()

/** Has a connection kept longer than those of strangers. To be called once a request on it is let in. */
export function trustConnection(socket: Socket): void {
  strangersWith.get(socket)?.delete(socket)
  strangersWith.delete(socket)
}

/** Whether a connection came when all places were taken. Its request is served where it is of those that are never refused. */
export function isSpare(socket: Socket): boolean {
  return spare.has(socket)
}

/**
 * Bounds the connections so that nobody is kept out by those who open many and ask nothing. Where all places are taken, a new connection has the place of
 * the stranger of whom nothing was heard for the longest time, or else of the connection that has waited longest for its next request. Strangers who
 * have just come are left alone, since they may be about to show a credential. Where nobody can go, there are spare places of one request
 * each, so that probes, decisions and cancels get in.
 */
export function boundConnections(server: Server, { connections, spareConnections }: Places = HTTP): void {
  /** How many requests of each connection are under way. */
  const underWay = new Map<Socket, number>()
  /** Each of these begins with those of whom nothing was heard for the longest time. */
  const strangers = new Set<Socket>()
  const waiting = new Set<Socket>()
  const spares = new Set<Socket>()

  function leave(socket: Socket): void {
    for (const all of [underWay, strangers, waiting, spares]) all.delete(socket)
  }

  /** @returns whether a place has become free */
  function giveUp(socket: Socket | undefined): boolean {
    if (socket === undefined) return false
    leave(socket)
    socket.destroy()
    return true
  }

  function hasPlace(): boolean {
    if (underWay.size - spares.size < connections) return true
    return giveUp(strangers.size > spareConnections ? firstOf(strangers) : firstOf(waiting))
  }

  function hearOf(socket: Socket): void {
    if (strangers.delete(socket)) strangers.add(socket)
  }

  server.on('connection', (socket) => {
    if (hasPlace()) {
      strangers.add(socket)
      strangersWith.set(socket, strangers)
    } else {
      if (spares.size >= spareConnections) giveUp(firstOf(spares))
      spares.add(socket)
      spare.add(socket)
    }
    underWay.set(socket, 0)
    socket.once('close', () => leave(socket))
  })

  // Before the listener that handles the request, and may answer at once.
  server.prependListener('request', ({ socket }, response) => {
    const before = underWay.get(socket)
    if (before === undefined) return
    underWay.set(socket, before + 1)
    waiting.delete(socket)
    hearOf(socket)
    if (spares.has(socket)) response.setHeader('connection', 'close')
    response.once('close', () => {
      const left = (underWay.get(socket) ?? 0) - 1
      if (left < 0) return
      underWay.set(socket, left)
      hearOf(socket)
      if (left === 0 && !strangers.has(socket) && !spares.has(socket)) waiting.add(socket)
    })
  })
}

function firstOf(sockets: ReadonlySet<Socket>): Socket | undefined {
  const [first] = sockets
  return first
}
