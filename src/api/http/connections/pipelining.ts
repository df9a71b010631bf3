import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { HTTP } from '../../../policies/api.ts'

/** The requests of one connection that are not answered yet, in the order in which they came. */
interface Line {
  current: { readonly request: IncomingMessage; readonly response: ServerResponse } | null
  /** Each function begins one answer. */
  readonly waiting: (() => void)[]
  /** Takes no more requests: the connection closes after the answers that are in `waiting`. */
  isOver: boolean
}

const lines = new WeakMap<Socket, Line>()

/**
 * Handles the requests of a connection one after the other, each once the answer before it has been taken by the peer: a peer
 * that sends and does not read holds one answer in memory, however many requests it sends. The request beyond the bound of
 * waiting requests goes to `refuse`, whose answer has to close the connection; what came after it is dropped.
 */
export function inTurn(handle: RequestListener, refuse: RequestListener): RequestListener {
  /** Connections that take no more requests and are not closed yet. Each holds the requests that Node read together with the refused one. */
  const over = new Set<Socket>()

  return (request, response) => {
    const { socket } = request
    const line = lineOf(socket)
    if (line.isOver || !socket.writable) return
    if (line.waiting.length < HTTP.waitingRequests) {
      enter(line, socket, () => answer(line, socket, request, response, handle))
      return
    }
    line.isOver = true
    socket.pause()
    if (over.size >= HTTP.refusedConnections) {
      socket.destroy()
      return
    }
    over.add(socket)
    socket.once('close', () => over.delete(socket))
    enter(line, socket, () => answer(line, socket, request, response, refuse))
  }
}

/**
 * Answers bytes that are not a request, after the requests before them. An error in a body that is still arriving is answered at once,
 * since the handler waits for that body. If the handler's answer has begun, the connection is cut.
 */
export function answerInTurn(socket: Socket, write: () => void): void {
  const line = lineOf(socket)
  line.isOver = true
  if (line.current === null || line.current.request.complete) enter(line, socket, write)
  else if (line.current.response.headersSent) socket.destroy()
  else write()
}

function lineOf(socket: Socket): Line {
  const known = lines.get(socket)
  if (known !== undefined) return known
  const line: Line = { current: null, waiting: [], isOver: false }
  lines.set(socket, line)
  return line
}

function enter(line: Line, socket: Socket, begin: () => void): void {
  line.waiting.push(begin)
  advance(line, socket)
}

function advance(line: Line, socket: Socket): void {
  if (line.current === null && socket.writable) line.waiting.shift()?.()
}

function answer(
  line: Line,
  socket: Socket,
  request: IncomingMessage,
  response: ServerResponse,
  handle: RequestListener,
): void {
  line.current = { request, response }
  // Also emitted where the peer disconnects before it has the answer.
  response.once('close', () => {
    line.current = null
    advance(line, socket)
  })
  handle(request, response)
}
