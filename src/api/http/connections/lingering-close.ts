import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../../policies/api.ts'

/*
 * To close a connection on which the peer is still sending resets it, and a peer that reads no answer before it has sent everything loses the answer. So
 * the rest is read first, and dropped.
 */

const drained = new WeakSet<Socket>()

/** Has connections closed after their last answer once the request that was answered has come whole. `requestTimeout` ends the wait. */
export function lingerOnClose(server: Server): void {
  const latest = new WeakMap<Socket, IncomingMessage>()
  server.prependListener('request', (request) => latest.set(request.socket, request))
  server.on('connection', (socket) => {
    const close = socket.destroySoon.bind(socket)
    // What Node calls after the last answer.
    socket.destroySoon = () => {
      const request = latest.get(socket)
      if (request === undefined || request.complete) {
        close()
        return
      }
      socket.end()
      request.once('end', close).resume()
    }
  })
}

/** Ends a connection with its last bytes, though the peer sends what is no request. It has some time to read them. */
export function endAndDrain(socket: Socket, last: string): void {
  drained.add(socket)
  socket.end(last)
  const timer = setTimeout(() => socket.destroy(), HTTP.lingerMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

/** Whether a connection has had its last answer, and what comes on it is dropped. */
export function isDrained(socket: Socket): boolean {
  return drained.has(socket)
}
