import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { WorkflowBundleOption } from '@temporalio/worker'

/**
 * Names the workflows' code in Temporal's records: the same code has the same name wherever it is built. Nothing else is in it: agents,
 * prompts and tools stand in each run's plan, and replay compares none of them. Three events of every step contain the name, so it is
 * short: the SDK's own, with the whole hash and more, made up a tenth of a history.
 */
export function buildIdOf(bundle: WorkflowBundleOption): string {
  const code = 'code' in bundle ? bundle.code : readFileSync(bundle.codePath, 'utf8')
  return createHash('sha256').update(withoutPlaces(code)).digest('hex').slice(0, 12)
}

/** The code without what only says where it was built: the source map, the way to the packages, and the hashed paths of modules left out. */
function withoutPlaces(code: string): string {
  return code
    .replace(SOURCE_MAP, '')
    .replace(WAY_TO_PACKAGES, 'node_modules/')
    .replace(MODULE_LEFT_OUT, '"?"')
}

const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/m
const WAY_TO_PACKAGES = /(?:\.{1,2}\/)+(?:[\w.@+-]+\/)*?node_modules\//g
const MODULE_LEFT_OUT = /"\?[0-9a-f]{4,}"/g
