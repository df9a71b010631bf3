import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { WorkflowBundleOption } from '@temporalio/worker'

/**
 * Names the workflows' code in Temporal's records. Three events of every step contain the name, so it is short: the SDK's own, with the
 * whole hash and more, made up a tenth of a history.
 */
export function buildIdOf(bundle: WorkflowBundleOption): string {
  const code = 'code' in bundle ? bundle.code : readFileSync(bundle.codePath)
  return createHash('sha256').update(code).digest('hex').slice(0, 12)
}
