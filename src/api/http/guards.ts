import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { isFromHere } from '../../security/is-from-here.ts'
import { Problem } from './problems/problem.ts'
import { acceptWeight } from './requests/accepts.ts'

/** Sets the headers that every answer has, errors included. */
export function setCommonHeaders(reply: FastifyReply, requestId: string): void {
  reply
    .header('x-request-id', requestId)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
}

/**
 * Checks every request before its route does.
 *
 * @param loopbackOnly for an API without keys: takes only requests to and from loopback names. A page of another site could otherwise
 * use the API through its reader's browser, by a host name that resolves to loopback or by a request that needs no preflight
 */
export function addGuards(server: FastifyInstance, { loopbackOnly }: { loopbackOnly: boolean }): void {
  server.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(reply, request.id)
    if (request.url.length > HTTP.urlCharacters) throw new Problem('uri_too_long')
    // Node's own answer would have no problem body.
    if (request.headers.host === undefined && request.raw.httpVersion !== '1.0') {
      throw new Problem('invalid_request', { detail: 'The Host header is missing.' })
    }
    // The router would take it for the slash of a path.
    if (request.url.startsWith('*')) throw new Problem('not_found')
    for (const name of ONCE) {
      if (isRepeated(request.raw, name.toLowerCase())) {
        throw new Problem('invalid_request', { detail: `There is more than one ${name} header.` })
      }
    }
    if (loopbackOnly && !isFromHere(request.headers)) throw new Problem('misdirected_request')
    const produces =
      request.routeOptions.config.produces ?? (request.url.startsWith('/v1/') ? ['application/json'] : [])
    if (produces.length > 0 && !produces.some((type) => acceptWeight(request.headers.accept, type) > 0)) {
      throw new Problem('not_acceptable')
    }
  })
}

/** Headers by which a proxy before us may have gone as well, and by another one of them than we would. RFC 9112, 3.2; RFC 6750, 3.1. */
const ONCE = ['Host', 'Authorization']

/** Node keeps the first of some headers, and drops the others. */
function isRepeated({ rawHeaders }: IncomingMessage, name: string): boolean {
  let times = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) times += 1
  }
  return times > 1
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route can answer with, where that is not just JSON. */
    produces?: readonly string[]
  }
}
