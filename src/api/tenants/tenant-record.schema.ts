import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { TENANTS } from '../../policies/tenants.ts'
import { keyId, keyName } from '../access/key.schema.ts'
import { limit, pageOf } from '../http/paging/paging.schema.ts'
import { text } from '../http/requests/text.schema.ts'
import { metadata } from '../runs/run.schema.ts'

const name = text(TENANTS.nameCharacters).min(1)
const id = keyName.describe('As it stands in keys, in tokens and on runs. It never changes.')

export const tenantParams = z.strictObject({ id })
export const tenantKeyParams = tenantParams.extend({ key_id: keyId })

export const newTenantBody = z
  .strictObject({
    id,
    name: name.optional(),
    metadata: metadata.optional().describe('Kept with the tenant and given back.'),
  })
  .meta({ id: 'NewTenantRecord', examples: [{ id: 'acme', name: 'Acme Ltd', metadata: { plan: 'gold' } }] })

export const changeTenantBody = z
  .strictObject({
    name: name.nullable().optional().describe('null takes it away.'),
    metadata: metadata.optional().describe('In the place of all entries.'),
  })
  .meta({ id: 'ChangeTenantRecord', examples: [{ name: 'Acme Group' }] })

/** The body is optional, and so is everything in it. */
export const suspendTenantBody = z
  .strictObject({
    reason: text(REQUEST_LIMITS.reasonCharacters).min(1).optional().describe('For operators.'),
  })
  .optional()
  .meta({ examples: [{ reason: 'Invoice 4711 is not paid.' }] })

export const tenantRecord = z
  .strictObject({
    id,
    object: z.literal('tenant_record'),
    name: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    status: z.enum(['active', 'suspended']),
    suspension: z
      .strictObject({
        at: z.iso.datetime(),
        by: z.string().describe('Principal of the operator.'),
        reason: z.string().nullable(),
      })
      .nullable(),
    created_at: z.iso.datetime().describe('Of the row: a tenant may be older than that.'),
  })
  .meta({ id: 'TenantRecord' })
export type TenantRecord = z.output<typeof tenantRecord>

export const tenantRecordPage = pageOf(tenantRecord).meta({ id: 'TenantRecordPage' })

export const tenantsQuery = z.strictObject({
  limit,
  after: z.string().min(1).max(100).optional().describe('The `next` of the page before.'),
})
