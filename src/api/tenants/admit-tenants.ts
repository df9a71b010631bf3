import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isOperators } from '../../contracts/access/api-key.ts'
import { createLruMap } from '../../contracts/lru-map.ts'
import { TENANTS } from '../../policies/tenants.ts'
import type { Database } from '../../store/database/database.ts'
import { inTenant } from '../../store/database/tenants/tenant-scope.ts'
import { takeUpTenant } from '../../store/tenants/tenants.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Suspensions } from './suspensions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `taken`: also a suspended tenant may ask for it, since it only takes away. */
    whileSuspended?: 'taken'
  }
}

const READS = ['GET', 'HEAD']

/**
 * Refuses what a suspended tenant wants started or changed, unless it only takes away, and gives a tenant its row that a token is the first
 * to name. Routes of operators are about no tenant of the caller's: whoever has suspended their own tenant can take that back, and metrics
 * are read while the store is away. What a route asks the store is asked for its caller's tenant.
 */
export function addTenantAdmission(
  server: FastifyInstance,
  { database, suspensions }: { readonly database: Database; readonly suspensions: Suspensions },
): void {
  const known = createLruMap<string, true>(TENANTS.remembered)

  server.addHook('onRequest', async (request) => {
    // A public route has no principal.
    const tenant = request.principal?.tenant
    if (tenant === undefined || isForOperators(request)) return
    if (suspensions.isSuspended(tenant) && !isTaken(request)) {
      throw new Problem('tenant_suspended')
    }
    if (known.get(tenant) === undefined) {
      await takeUpTenant(database, tenant)
      known.set(tenant, true)
    }
  })

  // After the body has been read, whose events come from outside the scope.
  server.addHook('preHandler', (request, _reply, done) => {
    const tenant = request.principal?.tenant
    if (tenant === undefined) done()
    else inTenant(tenant, done)
  })
}

/** Of a suspended tenant. */
function isTaken({ method, routeOptions: { config } }: FastifyRequest): boolean {
  return READS.includes(method) || config.whileSuspended === 'taken'
}

function isForOperators({ routeOptions: { config } }: FastifyRequest): boolean {
  return config.access !== undefined && config.access !== 'public' && config.access.every(isOperators)
}
