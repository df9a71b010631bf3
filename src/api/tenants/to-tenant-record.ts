import type { Tenant } from '../../store/tenants/tenants.ts'
import type { TenantRecord } from './tenant-record.schema.ts'

export function toTenantRecord({ id, name, metadata, suspension, createdAt }: Tenant): TenantRecord {
  return {
    id,
    object: 'tenant_record',
    name,
    // The routes take nothing but texts.
    metadata: metadata as Record<string, string>,
    status: suspension === null ? 'active' : 'suspended',
    suspension,
    created_at: createdAt,
  }
}
