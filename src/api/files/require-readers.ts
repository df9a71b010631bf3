import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { FiledText } from '../../contracts/files/message-file.ts'
import { hopsOf } from '../../contracts/models/chains.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { acceptedFiles } from '../../policies/models/files.ts'
import { Problem } from '../http/problems/problem.ts'

/** What may be wrong with the files of a message. */
export const OF_FILES = [
  'file_unknown',
  'file_not_taken',
  'file_quota_reached',
  'models_cannot_read_files',
] as const satisfies readonly ErrorCode[]

/**
 * Checks that a model of the run's agent can read the files of messages. Which models are asked is decided later: a model that cannot is
 * passed over then.
 *
 * @throws Problem models_cannot_read_files
 */
export function requireReaders(plan: RunPlan, messages: readonly FiledText[]): void {
  const kinds = new Set(messages.flatMap(({ files = [] }) => files.map(({ kind }) => kind)))
  if (kinds.size === 0) return
  const canRead = hopsOf(plan).some((model) =>
    [...kinds].every((kind) => acceptedFiles(model).includes(kind)),
  )
  if (!canRead) throw new Problem('models_cannot_read_files')
}
