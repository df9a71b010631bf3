import type { AppModels } from '../../../app/app.ts'
import { readOperatorFile } from '../../../app/read-operator-file.ts'
import { PROVIDERS } from '../../../contracts/models/model.ts'
import type { DialectOverride } from '../../../policies/models/dialects.ts'
import { dialectsFile } from './dialects.schema.ts'

/**
 * The rows of the operator's file, if there is one.
 *
 * @throws OperatorFileUnusable with every problem at once
 */
export function readDialects(
  path: string | null,
  { providers }: Pick<AppModels, 'providers'>,
): readonly DialectOverride[] {
  if (path === null) return []
  const file = { path, variable: 'HOLDFAST_DIALECTS', what: 'dialects' }
  return readOperatorFile(file, dialectsFile([...PROVIDERS, ...providers.map(({ name }) => name)])).servers
}
