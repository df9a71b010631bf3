import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../../policies/api.ts'

interface Bounds {
  readonly connections: number
  readonly spareConnections: number
}

/** A connection, as far as it matters for who has to go. */
interface Place {
  /** null: a stranger's. Nobody has shown a good credential on it. */
  tenant: string | null
  /** Requests under way. */
  requests: number
  latest: IncomingMessage | null
}

const trust = new WeakMap<Socket, (tenant: string) => void>()
const spare = new WeakSet<Socket>()

/** Has a connection kept longer than those of strangers. To be called once a request on it is let in. */
export function trustConnection(socket: Socket, tenant: string): void {
  trust.get(socket)?.(tenant)
}

/** Whether a connection came when all places were taken. Its request is served where it is of those that are never refused. */
export function isSpare(socket: Socket): boolean {
  return spare.has(socket)
}

/**
 * Bounds the connections so that nobody is kept out by those who open many and ask nothing. Where all places are taken, a new connection has the place of
 * the stranger of whom nothing was heard for the longest time. Strangers who have just come are left alone, since they may be about to show a
 * credential; after them the tenant with the most connections gives up one that waits for its next request, or for the rest of one. Where nobody
 * can go, there are spare places of one request each, so that probes, decisions and cancels get in.
 */
export function boundConnections(server: Server, { connections, spareConnections }: Bounds = HTTP): void {
  const places = new Map<Socket, Place>()
  /** Connections by tenant, and those of strangers. Each set begins with those of whom nothing was heard for the longest time. */
  const groups = new Map<string | null, Set<Socket>>()
  const spares = new Set<Socket>()

  function enter(socket: Socket, place: Place): void {
    const group = groups.get(place.tenant)
    if (group === undefined) groups.set(place.tenant, new Set([socket]))
    else group.add(socket)
  }

  function leave(socket: Socket, { tenant }: Place): boolean {
    const group = groups.get(tenant)
    const wasThere = group?.delete(socket) === true
    if (group?.size === 0) groups.delete(tenant)
    return wasThere
  }

  function hearOf(socket: Socket, place: Place): void {
    if (leave(socket, place)) enter(socket, place)
  }

  function forget(socket: Socket): void {
    const place = places.get(socket)
    if (place !== undefined) leave(socket, place)
    places.delete(socket)
    spares.delete(socket)
  }

  const isIdle = ({ requests }: Place) => requests === 0
  const isOwed = ({ latest }: Place) => latest !== null && !latest.complete

  function findIn(sockets: Iterable<Socket>, suits: (place: Place) => boolean): Socket | undefined {
    for (const socket of sockets) {
      const place = places.get(socket)
      if (place !== undefined && suits(place)) return socket
    }
    return undefined
  }

  function whoHasToGo(): Socket | undefined {
    const strangers = groups.get(null)
    if (strangers !== undefined && strangers.size > spareConnections) return firstOf(strangers)
    const largestFirst = [...groups]
      .filter(([tenant]) => tenant !== null)
      .toSorted(([, one], [, other]) => other.size - one.size)
    for (const [, sockets] of largestFirst) {
      const socket = findIn(sockets, isIdle) ?? findIn(sockets, isOwed)
      if (socket !== undefined) return socket
    }
    return undefined
  }

  /** @returns whether a place has become free */
  function giveUp(socket: Socket | undefined): boolean {
    if (socket === undefined) return false
    forget(socket)
    socket.destroy()
    return true
  }

  function hasPlace(): boolean {
    return places.size - spares.size < connections || giveUp(whoHasToGo())
  }

  server.on('connection', (socket) => {
    const place: Place = { tenant: null, requests: 0, latest: null }
    if (hasPlace()) {
      enter(socket, place)
      trust.set(socket, (tenant) => {
        if (!leave(socket, place)) return
        place.tenant = tenant
        enter(socket, place)
      })
    } else {
      if (spares.size >= spareConnections) giveUp(findIn(spares, isIdle) ?? firstOf(spares))
      spares.add(socket)
      spare.add(socket)
    }
    places.set(socket, place)
    socket.once('close', () => forget(socket))
  })

  // Before the listener that handles the request, and may answer at once.
  server.prependListener('request', (request, response) => {
    const { socket } = request
    const place = places.get(socket)
    if (place === undefined) return
    place.requests += 1
    place.latest = request
    hearOf(socket, place)
    if (spares.has(socket)) response.setHeader('connection', 'close')
    response.once('close', () => {
      place.requests -= 1
      hearOf(socket, place)
    })
  })
}

function firstOf(sockets: ReadonlySet<Socket>): Socket | undefined {
  const [first] = sockets
  return first
}
