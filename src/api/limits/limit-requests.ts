import type { FastifyInstance, FastifyRequest } from 'fastify'
import { covers } from '../../contracts/access/api-key.ts'
import { principalName } from '../access/key.schema.ts'
import { type RateLimit, subjectOf } from './rate-limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route's body may name a person in whose name it is treated, as `principal`. The request counts as that person's. */
    acts?: boolean
  }
}

/**
 * Counts each request that has been let in, but for those of routes that are never refused. Where the body says whose request it is, it is
 * read first, and counts as well where it is not valid.
 */
export function limitRequests(server: FastifyInstance, limit: RateLimit): void {
  server.addHook('onRequest', async (request, reply) => {
    if (isCounted(request) && !mayAct(request)) await limit.take(subjectOf(request), reply)
  })
  server.addHook('preValidation', async (request, reply) => {
    if (isCounted(request) && mayAct(request)) await limit.take(subjectOf(request, personOf(request)), reply)
  })
}

function isCounted({ routeOptions, principal }: FastifyRequest): boolean {
  const caller = principal as FastifyRequest['principal'] | undefined
  return routeOptions.config.refused !== 'never' && caller !== undefined && caller.credential !== null
}

function mayAct({ routeOptions, principal }: FastifyRequest): boolean {
  return routeOptions.config.acts === true && covers(principal.scopes, 'principals:act')
}

function personOf({ body }: FastifyRequest): string | undefined {
  const { principal } = (body ?? {}) as { readonly principal?: unknown }
  return principalName.safeParse(principal).data
}
