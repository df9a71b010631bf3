import {
  changeTenant,
  findTenant,
  insertTenant,
  listTenants,
  resumeTenant,
  suspendTenant,
  type Tenant,
} from '../../store/tenants/tenants.ts'
import { announceKillSwitch } from '../budgets/announce-kill-switch.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { toPage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { emptyBody } from '../runs/run.schema.ts'
import { readTenantCursor, tenantCursor } from './tenant-cursor.ts'
import {
  changeTenantBody,
  newTenantBody,
  suspendTenantBody,
  tenantParams,
  tenantRecord,
  tenantRecordPage,
  tenantsQuery,
} from './tenant-record.schema.ts'
import { toTenantRecord } from './to-tenant-record.ts'

const tags = ['tenants']

const createSchema = {
  operationId: 'createTenant',
  tags,
  summary: 'Create a tenant',
  description: 'A tenant that a key or a token names before is created by that.',
  body: newTenantBody,
  response: { 201: tenantRecord, ...problems(...OF_BODY, 'tenant_exists') },
}

const listSchema = {
  operationId: 'listTenants',
  tags,
  summary: 'List all tenants, by their ids',
  querystring: tenantsQuery,
  response: { 200: tenantRecordPage, ...problems('invalid_cursor') },
}

const getSchema = {
  operationId: 'getTenantRecord',
  tags,
  summary: 'Get a tenant',
  params: tenantParams,
  querystring: noQuery,
  response: { 200: tenantRecord, ...problems('not_found') },
}

const changeSchema = {
  operationId: 'changeTenant',
  tags,
  summary: "Change a tenant's name or metadata",
  params: tenantParams,
  body: changeTenantBody,
  response: { 200: tenantRecord, ...problems(...OF_BODY, 'not_found') },
}

const suspendSchema = {
  operationId: 'suspendTenant',
  tags,
  summary: 'Suspend a tenant',
  description:
    'Within 2 seconds it can start and change nothing any more; it can still read. Its schedules start nothing, turns of its threads do not begin, and its runs wait before their next step. Suspending it again changes nothing.',
  params: tenantParams,
  body: suspendTenantBody,
  response: { 200: tenantRecord, ...problems(...OF_BODY, 'not_found') },
}

const resumeSchema = {
  operationId: 'resumeTenant',
  tags,
  summary: 'Resume a suspended tenant',
  description: 'Runs that wait for it go on, and so do schedules and threads.',
  params: tenantParams,
  body: emptyBody,
  response: { 200: tenantRecord, ...problems(...OF_BODY, 'not_found') },
}

const READ = { access: ['tenants:read'] } as const
const WRITE = { access: ['tenants:write'] } as const

/** Tenants, for the operator: what their own users see of a tenant is `/v1/tenant`. */
export function addTenants(api: Api, context: ApiContext): void {
  const { suspensions } = context
  const database = context.database.everyTenant
  const path = '/v1/tenants/:id'

  /** This process knows it before the answer, the others a moment later. */
  async function tell({ id }: Tenant): Promise<void> {
    await suspensions.read()
    announceKillSwitch({ ...context, database }, { tenant: id, scope: 'tenant', subject: id })
  }

  api.post('/v1/tenants', { schema: createSchema, config: WRITE }, async (request, reply) => {
    const { id, name = null, metadata = {} } = request.body
    const created = await insertTenant(database, { id, name, metadata })
    if (created === null) throw new Problem('tenant_exists')
    return reply.code(201).header('location', `/v1/tenants/${id}`).send(toTenantRecord(created))
  })

  api.get('/v1/tenants', { schema: listSchema, config: READ }, async (request) => {
    const { limit, after } = request.query
    const listed = await listTenants(database, {
      ...(after !== undefined && { after: readTenantCursor(after) }),
      limit,
    })
    return toPage(listed, toTenantRecord, tenantCursor)
  })

  api.get(path, { schema: getSchema, config: READ }, async (request) =>
    toTenantRecord(required(await findTenant(database, request.params.id))),
  )

  api.patch(path, { schema: changeSchema, config: WRITE }, async (request) => {
    const { name, metadata } = request.body
    const changed = await changeTenant(database, request.params.id, {
      ...(name !== undefined && { name }),
      ...(metadata !== undefined && { metadata }),
    })
    return toTenantRecord(required(changed))
  })

  api.post(`${path}/suspend`, { schema: suspendSchema, config: WRITE }, async (request) => {
    const { params, body, principal } = request
    const wish = { tenant: params.id, by: principal.id, reason: body?.reason ?? null }
    const suspended = required(await suspendTenant(database, wish))
    await tell(suspended)
    return toTenantRecord(suspended)
  })

  api.post(`${path}/resume`, { schema: resumeSchema, config: WRITE }, async (request) => {
    const resumed = required(await resumeTenant(database, request.params.id))
    await tell(resumed)
    return toTenantRecord(resumed)
  })
}

/** @throws Problem not_found where there is no such tenant */
function required(tenant: Tenant | null): Tenant {
  if (tenant === null) throw new Problem('not_found')
  return tenant
}
