import type { LimitRow } from '../../app/define/model-definition.ts'
import type { Bucket } from '../../store/traffic/bucket.ts'
import type { TrafficCall } from './traffic.ts'

/**
 * The buckets that a call is taken out of: those of its provider, of its model, and of its tenant at either. A tenant with rows of its own
 * has these in place of those that hold for every tenant (`*`).
 */
export function bucketsOf(
  { provider, model, run }: Pick<TrafficCall, 'provider' | 'model' | 'run'>,
  limits: readonly LimitRow[],
): readonly Bucket[] {
  const ofCall = limits.filter(
    (row) => row.provider === provider && (row.model === undefined || row.model === model),
  )
  const isOverridden = (row: LimitRow) =>
    row.tenant === '*' && ofCall.some(({ model: of, tenant }) => of === row.model && tenant === run.tenant)
  return ofCall
    .filter((row) => row.tenant === undefined || row.tenant === run.tenant || row.tenant === '*')
    .filter((row) => !isOverridden(row))
    .flatMap((row) => bucketsOfRow(row, run.tenant))
}

function bucketsOfRow(row: LimitRow, tenant: string): Bucket[] {
  const whose = {
    provider: row.provider,
    model: row.model ?? null,
    tenant: row.tenant === undefined ? null : tenant,
  }
  return [
    ...(row.requestsPerMinute === undefined
      ? []
      : [{ ...whose, unit: 'requests' as const, perMinute: row.requestsPerMinute }]),
    ...(row.tokensPerMinute === undefined
      ? []
      : [{ ...whose, unit: 'tokens' as const, perMinute: row.tokensPerMinute }]),
  ]
}
