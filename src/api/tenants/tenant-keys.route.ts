import { listApiKeys, revokeApiKey } from '../../store/access/api-keys.ts'
import { findTenant } from '../../store/tenants/tenants.ts'
import { apiKey, apiKeyPage, madeKey, newKeyBody } from '../access/key.schema.ts'
import { makeKey } from '../access/make-key.ts'
import { requireGrantable } from '../access/require-grantable.ts'
import { toKeyResource } from '../access/to-key-resource.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { tenantKeyParams, tenantParams } from './tenant-record.schema.ts'

const tags = ['tenants']

const createSchema = {
  operationId: 'createTenantKey',
  tags,
  summary: 'Make an API key for a tenant',
  description:
    'The first one, as a rule: with the scope `admin` its bearer makes the others (`POST /v1/keys`).',
  params: tenantParams,
  body: newKeyBody,
  response: {
    201: madeKey,
    ...problems(...OF_BODY, 'not_found'),
  },
}

const listSchema = {
  operationId: 'listTenantKeys',
  tags,
  summary: "A tenant's API keys, newest first, all of them",
  params: tenantParams,
  querystring: noQuery,
  response: { 200: apiKeyPage, ...problems('not_found') },
}

const revokeSchema = {
  operationId: 'revokeTenantKey',
  tags,
  summary: "Revoke a tenant's API key for good",
  description: 'Also of a tenant that is suspended. It is refused everywhere within 5 seconds.',
  params: tenantKeyParams,
  response: { 200: apiKey, ...problems('not_found') },
}

export function addTenantKeys(api: Api, context: ApiContext): void {
  const database = context.database.everyTenant
  const read = { access: ['tenants:read'] as const }
  const write = { access: ['tenants:write'] as const }
  const path = '/v1/tenants/:id/keys'

  async function requireTenant(tenant: string): Promise<void> {
    // Operators alone get here: they may know which tenants there are.
    if ((await findTenant(database, tenant)) === null)
      throw new Problem('not_found', { detail: 'There is no such tenant: `POST /v1/tenants` creates it.' })
  }

  api.post(path, { schema: createSchema, config: write }, async (request, reply) => {
    requireGrantable(request.principal, request.body.scopes)
    await requireTenant(request.params.id)
    return reply.code(201).send(await makeKey(database, request, request.params.id))
  })

  api.get(path, { schema: listSchema, config: read }, async ({ params }) => {
    await requireTenant(params.id)
    return onOnePage((await listApiKeys(database, params.id)).map(toKeyResource))
  })

  api.delete(`${path}/:key_id`, { schema: revokeSchema, config: write }, async ({ params }) => {
    const revoked = await revokeApiKey(database, params.key_id, params.id)
    if (revoked === null) throw new Problem('not_found')
    return toKeyResource(revoked)
  })
}
