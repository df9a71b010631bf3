import { findTenant } from '../../store/tenants/tenants.ts'
import { createKey } from '../access/create-key.ts'
import { madeKey, newKeyBody } from '../access/key.schema.ts'
import { requireGrantable } from '../access/require-grantable.ts'
import { toKeyResource } from '../access/to-key-resource.ts'
import type { Api, ApiContext } from '../context.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { tenantParams } from './tenant-record.schema.ts'

const createSchema = {
  operationId: 'createTenantKey',
  tags: ['tenants'],
  summary: 'Make an API key for a tenant',
  description:
    'The first one, as a rule: with the scope `admin` its bearer makes the others (`POST /v1/keys`).',
  params: tenantParams,
  body: newKeyBody,
  response: {
    201: madeKey,
    ...problems('invalid_json', 'not_found', 'payload_too_large', 'unsupported_media_type'),
  },
}

export function addTenantKeys(api: Api, context: ApiContext): void {
  const database = context.database.everyTenant
  const config = { access: ['tenants:write'] as const }

  api.post('/v1/tenants/:id/keys', { schema: createSchema, config }, async (request, reply) => {
    const tenant = request.params.id
    const { principal, groups, scopes, expires_at: expiresAt } = request.body
    requireGrantable(request.principal, scopes)
    if ((await findTenant(database, tenant)) === null) throw new Problem('not_found')
    const { key, text } = await createKey(database, { tenant, principal, groups, scopes, expiresAt })
    return reply.code(201).send({ ...toKeyResource(key), key: text })
  })
}
