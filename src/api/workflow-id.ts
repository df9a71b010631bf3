import { createHash } from 'node:crypto'
import type { RunId } from '../contracts/run.ts'
import { ID_CHARACTERS } from './new-id.ts'

const READABLE = /^[A-Za-z0-9._:-]{1,100}$/
/** Keys of these forms could be taken for another run's id or for another key's hash. */
const TAKEN = new RegExp(`^(run_${ID_CHARACTERS}|key-[0-9a-f]{32})$`, 'i')

/**
 * `<agent>/<tenant>/<key or run id>`: what an operator reads in the Web UI, and what makes Temporal refuse a second
 * start. Two keys of a tenant never get the same id.
 */
export function workflowId(agent: string, tenant: string, key: string | null, runId: RunId): string {
  return `${agent}/${tenant}/${key === null ? runId : keyPart(key)}`
}

function keyPart(key: string): string {
  if (READABLE.test(key) && !TAKEN.test(key)) return key
  return `key-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
}
