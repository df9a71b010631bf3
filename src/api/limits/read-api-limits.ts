import { z } from 'zod'
import { readOperatorFile } from '../../app/read-operator-file.ts'
import { API_LIMITS, type LimitSet } from '../../policies/api-limits.ts'

/** The limits of a tenant: of each of its callers, and of all of them together. */
export interface TenantLimits {
  readonly caller: LimitSet
  readonly tenant: LimitSet
}

export type ApiLimits = (tenant: string) => TenantLimits

const limit = z
  .int('is neither a whole number nor null')
  .min(1, 'is below 1')
  .max(1_000_000_000, 'is above 1000000000')
  .nullable()
  .exactOptional()

/** Strict, since a misspelt name would be a limit without effect. */
const limitSet = z.strictObject({
  requestsPerMinute: limit,
  startsPerMinute: limit,
  concurrentRuns: limit,
  streams: limit,
})

const tenantLimits = z.strictObject({ caller: limitSet.exactOptional(), tenant: limitSet.exactOptional() })

const apiLimitsFile = tenantLimits.extend({ tenants: z.record(z.string(), tenantLimits).exactOptional() })

/**
 * What callers and tenants may ask of the API: the operator's file, where there is one, in the place of the usual limits, and a tenant's
 * own rows in the place of those for all tenants.
 *
 * @throws OperatorFileUnusable with every problem at once
 */
export function readApiLimits(path: string | null): ApiLimits {
  if (path === null) return () => API_LIMITS
  const file = readOperatorFile(
    { path, variable: 'HOLDFAST_API_LIMITS', what: 'limits of the API' },
    apiLimitsFile,
  )
  const usual = over(API_LIMITS, file)
  const own = new Map(Object.entries(file.tenants ?? {}).map(([tenant, rows]) => [tenant, over(usual, rows)]))
  return (tenant) => own.get(tenant) ?? usual
}

function over(usual: TenantLimits, { caller, tenant }: z.output<typeof tenantLimits>): TenantLimits {
  return { caller: { ...usual.caller, ...caller }, tenant: { ...usual.tenant, ...tenant } }
}
