import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { HTTP } from '../../../policies/api.ts'
import { Problem } from '../problems/problem.ts'
import { LAST, problemMessage, type RefusalListener, writeProblem } from './answer-client-error.ts'
import { boundConnections } from './connection-places.ts'
import { boundHeldBytes, type CutListener } from './held-bytes.ts'
import { lingerOnClose } from './lingering-close.ts'
import { answerInTurn, inTurn } from './pipelining.ts'

/** The methods of all routes. */
const METHODS = 'DELETE, GET, HEAD, PATCH, POST, PUT'

/** Node's HTTP server with bounds: of connections, of requests that each may send ahead and answers that it may leave unread, and of time. */
export function createHttpServer(
  handle: RequestListener,
  onRefusal: RefusalListener,
  onCut: CutListener,
): Server {
  const server = createServer(
    {
      maxHeaderSize: HTTP.headerBytes,
      headersTimeout: HTTP.headersTimeoutMs,
      requestTimeout: HTTP.requestTimeoutMs,
      keepAliveTimeout: HTTP.keepAliveMs,
      connectionsCheckingInterval: HTTP.connectionsCheckMs,
      requireHostHeader: false,
    },
    inTurn(handle, refuseBy(onRefusal)),
  )
  boundConnections(server)
  boundHeldBytes(server, onCut)
  lingerOnClose(server)
  // Closes a connection on which no byte moves. The longest wait for an answer is shorter.
  server.setTimeout(HTTP.idleConnectionMs)
  // An unknown `Expect` is ignored: Node would refuse the request, without a problem body.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  // Node would close the connection without an answer.
  server.on('connect', (request: IncomingMessage) => {
    const { socket } = request
    // Node has taken its own listener off, and without one the error of a broken connection would end the process. 'close' follows.
    socket.on('error', () => socket.destroy())
    const problem = new Problem('method_not_allowed', { headers: { allow: METHODS } })
    answerInTurn(socket, () => writeProblem(socket, problem, onRefusal))
  })
  return server
}

/** The answer that ends a connection on which too much was sent ahead. */
function refuseBy(onRefusal: RefusalListener): RequestListener {
  return (_request, response) => {
    const { status, headers, body } = problemMessage(new Problem('too_many_requests_ahead'), onRefusal)
    response.writeHead(status, { ...headers, ...LAST }).end(body)
  }
}
