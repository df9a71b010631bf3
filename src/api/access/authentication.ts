import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { covers, type Scope } from '../../contracts/access/api-key.ts'
import { trustConnection } from '../http/connections/connection-places.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Caller, FindCaller } from './caller.ts'
import { createEndsSoon } from './ends-soon.ts'
import { insufficientScope } from './insufficient-scope.ts'
import { LOCAL_PRINCIPAL, type Principal } from './principal.ts'
import { unauthenticated } from './unauthenticated.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent on a public route. */
    principal: Principal
    /** null where nobody is asked for a credential. */
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** Scopes of which the caller's credential must cover one; `public` asks for none. Every route has to say. */
    access?: readonly [Scope, ...Scope[]] | 'public'
    /** Requests that need no credential all the same. They have no principal. */
    openTo?: (request: FastifyRequest) => boolean
    /** Whether browser tokens may use the route, all of them or those that may write. A route that does not say is closed to them. */
    browserTokens?: 'all' | 'writing'
  }
}

/**
 * Authenticates the caller of a route and checks its scopes. A route without `access` keeps the server from starting, so that no route
 * is public by mistake.
 *
 * @param findCaller null where nobody is asked: `HOLDFAST_AUTH=none`
 */
export function addAuthentication(server: FastifyInstance, findCaller: FindCaller | null): void {
  const routes: RouteOptions[] = []
  const tellIfItEndsSoon = createEndsSoon()
  server.decorateRequest('principal')
  server.decorateRequest('caller', null)
  server.addHook('onRoute', (route) => {
    routes.push(route)
  })
  server.addHook('onReady', async () => {
    const undeclared = routes.filter(({ config }) => config?.access === undefined)
    if (undeclared.length === 0) return
    const names = undeclared.map(({ method, url }) => `${method} ${url}`).join(', ')
    throw new Error(`These routes do not say who may use them: ${names}`)
  })

  server.addHook('onRequest', async (request, reply) => {
    const { access, openTo, browserTokens } = request.routeOptions.config
    // An unknown path is answered 404 without a key: the public document lists the paths anyway.
    if (access === 'public' || request.is404 || openTo?.(request)) return
    if (findCaller === null) {
      request.principal = LOCAL_PRINCIPAL
    } else {
      const caller = await authenticate(findCaller, request)
      request.caller = caller
      request.principal = caller.principal
      tellIfItEndsSoon(caller, reply)
    }
    trustConnection(request.raw.socket, request.principal.tenant)
    confine(request.principal, browserTokens)
    authorize(request.principal, access ?? ['admin'])
  })
}

async function authenticate(findCaller: FindCaller, request: FastifyRequest): Promise<Caller> {
  const header = request.headers.authorization
  if (header === undefined) throw unauthenticated('no_key')
  const text = /^Bearer +(\S+) *$/i.exec(header)?.[1]
  const caller = text === undefined ? null : await findCaller(text)
  if (caller === null) throw unauthenticated('invalid_key')
  return caller
}

function confine({ confinement }: Principal, open: 'all' | 'writing' | undefined): void {
  if (confinement === undefined || open === 'all' || (open === 'writing' && confinement.write)) return
  const detail =
    open === undefined ? 'A browser token may not do that.' : 'This browser token may read, and not write.'
  throw new Problem('forbidden', { detail })
}

function authorize({ scopes }: Principal, needed: readonly Scope[]): void {
  if (needed.some((scope) => covers(scopes, scope))) return
  throw insufficientScope(needed, `This API key or token may not do that: it takes ${needed.join(' or ')}.`)
}
