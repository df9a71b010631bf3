import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { FileKind } from '../../contracts/files/file.ts'
import { hopsOf } from '../../contracts/models/chains.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { acceptedFiles } from '../../policies/models/files.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Content } from './content.schema.ts'

/** What may be wrong with the files of a message. */
export const OF_FILES = [
  'file_unknown',
  'file_not_taken',
  'file_quota_reached',
  'models_cannot_read_files',
] as const satisfies readonly ErrorCode[]

/**
 * Checks that a model of the run's agent can read the files of messages, before any of them is stored. Which models are asked is decided
 * later: a model that cannot is passed over then.
 *
 * @throws Problem models_cannot_read_files
 */
export function requireReaders(plan: RunPlan, contents: readonly Content[]): void {
  const kinds = new Set(contents.flatMap(kindsIn))
  if (kinds.size === 0) return
  const canRead = hopsOf(plan).some((model) =>
    [...kinds].every((kind) => acceptedFiles(model).includes(kind)),
  )
  if (!canRead) throw new Problem('models_cannot_read_files')
}

function kindsIn(content: Content): FileKind[] {
  if (typeof content === 'string') return []
  return content.flatMap(({ type }) => (type === 'text' ? [] : [type === 'image' ? 'image' : 'pdf']))
}
