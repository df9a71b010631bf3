import type { RequestListener } from 'node:http'
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import { problemMessage, type RefusalListener } from '../http/connections/answer-client-error.ts'
import { isSpare } from '../http/connections/connection-places.ts'
import { Problem } from '../http/problems/problem.ts'
import type { OnceOver } from '../http/requests/once-over.ts'
import { readTraceparent } from '../http/requests/read-traceparent.ts'
import type { RouteTable } from '../http/route-table.ts'
import { type LoadGate, NO_WORK, type ShedOrder, type Work } from './load-gate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The request as something that is under way. */
    work: Work
  }
  interface FastifyContextConfig {
    /** `never`: the request is served however much there is to do, and counts to no limit. Otherwise reads are refused first, writes last. */
    refused?: 'never'
  }
}

/**
 * Refuses requests while the process has more to do than it gets done, so that the rest is answered in time. Public routes and those that are never
 * refused are served all the same.
 */
export function shedLoad(server: FastifyInstance, gate: LoadGate, whenOver: OnceOver): void {
  let stop: (() => void) | null = null
  server.addHook('onReady', async () => {
    stop = gate.learn()
  })
  server.addHook('onClose', async () => stop?.())

  server.decorateRequest('work')
  function admit({ method, routeOptions, raw }: FastifyRequest): ShedOrder | null {
    const order = orderOf(method, routeOptions.config)
    const refusal = order && gate.refusalOf(order, !isSpare(raw.socket))
    if (refusal) throw new Problem(refusal.code, { headers: refusal.headers })
    return order
  }
  server.addHook('onRequest', async (request) => {
    admit(request)
  })
  // Once the body is there: clients that send slowly are no work, and must not have others refused. Many may have come in meanwhile.
  server.addHook('preValidation', async (request) => {
    const order = admit(request)
    request.work = order === null ? NO_WORK : gate.begin(order)
  })
  // A request that was refused before it came to the hooks above has none.
  whenOver(({ work = NO_WORK }) => work.onlyWaits())
}

interface EarlyParts {
  readonly gate: LoadGate
  readonly routes: RouteTable
  readonly onRefusal: RefusalListener
}

/**
 * Refuses before the framework, which costs half: at three times its capacity a process refuses two requests for each that it serves. Requests of
 * pages go on to the framework, since a refusal has to have the headers without which a browser hides it.
 */
export function refuseEarly(
  handle: RequestListener,
  { gate, routes, onRefusal }: EarlyParts,
): RequestListener {
  return (request, response) => {
    const { method = '', url = '', headers } = request
    const [path = ''] = url.split('?', 1)
    const route = isOfPage(request) ? null : routes.find(method, path)
    const order = route && orderOf(method, route.config)
    const refusal = order && gate.refusalOf(order, !isSpare(request.socket))
    if (!route || !refusal) {
      handle(request, response)
      return
    }
    const traceId = readTraceparent(headers.traceparent)?.traceId
    const refused = { method, route: route.url, ...(traceId !== undefined && { traceId }) }
    const { status, headers: answered, body } = problemMessage(refusal, onRefusal, refused, path)
    // As the framework answers: where the connection stays, nothing has to say so.
    if (!isSpare(request.socket)) response.removeHeader('connection')
    response.writeHead(status, answered).end(body)
  }
}

function isOfPage({ headers }: { readonly headers: { readonly origin?: string | undefined } }): boolean {
  return headers.origin !== undefined
}

/** Which requests are refused before others; null for those that never are. */
function orderOf(method: string, { access, refused }: FastifyContextConfig): ShedOrder | null {
  if (access === 'public' || refused === 'never') return null
  return method === 'GET' || method === 'HEAD' ? 'first' : 'last'
}
