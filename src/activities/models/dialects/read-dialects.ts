import type { DialectOverride } from '../../../policies/dialects.ts'
import { readOperatorFile } from '../read-operator-file.ts'
import { DIALECTS_FILE } from './dialects.schema.ts'

/**
 * The rows of the operator's file, if there is one.
 *
 * @throws OperatorFileUnusable with every problem at once
 */
export function readDialects(path: string | null): readonly DialectOverride[] {
  if (path === null) return []
  const file = { path, variable: 'HOLDFAST_DIALECTS', what: 'dialects' }
  return readOperatorFile(file, DIALECTS_FILE).servers
}
