import type { PlannedModel } from '../../../contracts/models/model.ts'
import { DIALECTS, type Dialect, type DialectOverride } from '../../../policies/models/dialects.ts'

/** The wire's standard, overridden by the rows of the host, and these by the operator's rows in their order. */
export function resolveDialect(
  { provider, wire, model }: PlannedModel,
  baseUrl: string,
  overrides: readonly DialectOverride[],
): Dialect {
  const { standard, hosts } = DIALECTS[wire]
  const { hostname } = new URL(baseUrl)
  const known = Object.entries(hosts)
    .filter(([host]) => hostname === host || hostname.endsWith(`.${host}`))
    .map(([, dialect]) => dialect)
  const set = overrides
    .filter(
      (row) =>
        row.provider === provider &&
        (row.wire === undefined || row.wire === wire) &&
        (row.model === undefined || row.model === model),
    )
    .map(({ provider: _, wire: __, model: ___, ...dialect }) => dialect)
  return Object.assign({}, standard, ...known, ...set)
}
