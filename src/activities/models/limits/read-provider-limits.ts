import type { AppModels } from '../../../app/app.ts'
import type { LimitRow } from '../../../app/define/model-definition.ts'
import { sameLimit } from '../../../app/models/limits.ts'
import { readOperatorFile } from '../../../app/read-operator-file.ts'
import { PROVIDERS } from '../../../contracts/models/model.ts'
import { providerLimitsFile } from './provider-limits.schema.ts'

/**
 * The application's limits towards providers, and the rows of the operator's file, if there is one, in the place of rows about the same
 * calls.
 *
 * @throws OperatorFileUnusable with every problem at once
 */
export function readProviderLimits(
  path: string | null,
  { providers, limits }: Pick<AppModels, 'providers' | 'limits'>,
): readonly LimitRow[] {
  if (path === null) return limits
  const file = { path, variable: 'HOLDFAST_LIMITS', what: 'limits' }
  const rows = readOperatorFile(
    file,
    providerLimitsFile([...PROVIDERS, ...providers.map(({ name }) => name)]),
  )
  return [...limits.filter((row) => !rows.limits.some((other) => sameLimit(row, other))), ...rows.limits]
}
