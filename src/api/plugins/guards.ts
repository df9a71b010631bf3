import type { FastifyInstance, FastifyReply } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { acceptWeight } from '../accepts.ts'
import { Problem } from '../problem.ts'

/** What every answer says, errors included. */
export function setCommonHeaders(reply: FastifyReply, requestId: string): void {
  reply
    .header('x-request-id', requestId)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
}

/** What is checked before any route looks at a request. */
export function addGuards(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(reply, request.id)
    if (request.url.length > HTTP.urlCharacters) throw new Problem('uri_too_long')
    // Node would answer by itself, but without a problem.
    if (request.headers.host === undefined && request.raw.httpVersion !== '1.0') {
      throw new Problem('invalid_request', { detail: 'The Host header is missing.' })
    }
    const produces =
      request.routeOptions.config.produces ?? (request.url.startsWith('/v1/') ? ['application/json'] : [])
    if (produces.length > 0 && !produces.some((type) => acceptWeight(request.headers.accept, type) > 0)) {
      throw new Problem('not_acceptable')
    }
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route can answer with, where that is not just JSON. */
    produces?: readonly string[]
  }
}
