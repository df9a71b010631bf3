import type { FastifyInstance, RouteOptions } from 'fastify'
import { covers, type Scope } from '../../contracts/access/api-key.ts'
import { insufficientScope } from './insufficient-scope.ts'
import type { KeyRing } from './key-ring.ts'
import { LOCAL_PRINCIPAL, type Principal } from './principal.ts'
import { unauthenticated } from './unauthenticated.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent on a public route. */
    principal: Principal
  }
  interface FastifyContextConfig {
    /** Scopes of which the caller's key must cover one; `public` asks for no key. Every route has to say. */
    access?: readonly [Scope, ...Scope[]] | 'public'
    /** Requests that need no key all the same. They have no principal. */
    openTo?: (request: FastifyRequest) => boolean
  }
}

/**
 * Authenticates the caller of a route and checks its scopes. A route without `access` keeps the server from starting, so that no route
 * is public by mistake.
 *
 * @param keys null where there are none: `HOLDFAST_AUTH=none`
 */
export function addAuthentication(server: FastifyInstance, keys: KeyRing | null): void {
  const routes: RouteOptions[] = []
  server.decorateRequest('principal')
  server.addHook('onRoute', (route) => {
    routes.push(route)
  })
  server.addHook('onReady', async () => {
    const undeclared = routes.filter(({ config }) => config?.access === undefined)
    if (undeclared.length === 0) return
    const names = undeclared.map(({ method, url }) => `${method} ${url}`).join(', ')
    throw new Error(`These routes do not say who may use them: ${names}`)
  })

  server.addHook('onRequest', async (request) => {
    const { access, openTo } = request.routeOptions.config
    // An unknown path is answered 404 without a key: the public document lists the paths anyway.
    if (access === 'public' || request.is404 || openTo?.(request)) return
    request.principal =
      keys === null ? LOCAL_PRINCIPAL : await authenticate(keys, request.headers.authorization)
    authorize(request.principal, access ?? ['admin'])
  })
}

async function authenticate(keys: KeyRing, header: string | undefined): Promise<Principal> {
  if (header === undefined) throw unauthenticated('no_key')
  const text = /^Bearer +(\S+) *$/i.exec(header)?.[1]
  const principal = text === undefined ? null : await keys.principalOf(text)
  if (principal === null) throw unauthenticated('invalid_key')
  return principal
}

function authorize({ scopes }: Principal, needed: readonly Scope[]): void {
  if (needed.some((scope) => covers(scopes, scope))) return
  throw insufficientScope(needed, `This API key may not do that: it takes ${needed.join(' or ')}.`)
}
