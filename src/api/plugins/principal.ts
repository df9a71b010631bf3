import type { FastifyInstance } from 'fastify'

/** Who asks. Every row and every query is the tenant's; what is done is done in the principal's name. */
export interface Principal {
  readonly tenant: string
  readonly id: string
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal
  }
}

/** `HOLDFAST_AUTH=none`: whoever reaches the loopback address. API keys will look theirs up here. */
const LOCAL: Principal = { tenant: 'default', id: 'local' }

export function addPrincipal(server: FastifyInstance): void {
  server.decorateRequest('principal')
  server.addHook('onRequest', async (request) => {
    request.principal = LOCAL
  })
}
