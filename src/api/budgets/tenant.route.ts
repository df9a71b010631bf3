import { findTimeZone, putTimeZone } from '../../store/budgets/tenants.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { type Tenant, tenant, tenantBody } from './tenant.schema.ts'

const getSchema = {
  operationId: 'getTenant',
  tags: ['budgets'],
  summary: "The caller's tenant",
  querystring: noQuery,
  response: { 200: tenant, ...problems() },
}

const putSchema = {
  operationId: 'putTenant',
  tags: ['budgets'],
  summary: "Set the tenant's time zone",
  description: 'Calls from then on are booked on its days. What is booked stays where it is.',
  body: tenantBody,
  response: { 200: tenant, ...problems(...OF_BODY) },
}

export function addTenant(api: Api, { database, suspensions }: ApiContext): void {
  function toResource(id: string, time_zone: string): Tenant {
    const status = suspensions.isSuspended(id) ? 'suspended' : 'active'
    return { object: 'tenant', id, status, time_zone }
  }

  api.get('/v1/tenant', { schema: getSchema, config: { access: ['usage:read'] } }, async (request) => {
    const { tenant: id } = request.principal
    return toResource(id, await findTimeZone(database, id))
  })

  api.put('/v1/tenant', { schema: putSchema, config: { access: ['budgets:write'] } }, async (request) => {
    const { tenant: id } = request.principal
    const { time_zone } = request.body
    await putTimeZone(database, id, time_zone).catch(refuseUnknownZone)
    return toResource(id, time_zone)
  })
}

/** Node knows time zones that the database may not know. */
function refuseUnknownZone(cause: unknown): never {
  if ((cause as { code?: unknown } | null)?.code !== '22023') throw cause
  const errors = [{ pointer: '/time_zone', detail: 'The database does not know this time zone.' }]
  throw new Problem('invalid_request', { detail: 'The body is not valid.', errors, cause })
}
