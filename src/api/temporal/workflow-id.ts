import { createHash } from 'node:crypto'
import type { RunId } from '../../contracts/runs/run.ts'
import { ID_CHARACTERS } from '../../security/new-id.ts'

const READABLE = /^[A-Za-z0-9._:@-]{1,100}$/
/**
 * Forms that have another meaning in a workflow id: a run's id, the hash of a name, and the step and place in the id of a sub-agent's
 * workflow.
 */
const TAKEN = new RegExp(`^(run_${ID_CHARACTERS}|key-[0-9a-f]{32}|\\d+\\.\\d+)$`, 'i')

/** Names of a run's workflow: what an operator reads in the Web UI, and what makes Temporal refuse a second start. */
export interface WorkflowIds {
  /** `<agent>/<tenant>/<run id>`, or with an idempotency key `<agent>/<tenant>/<key>`. */
  readonly usual: string
  /** `<agent>/<tenant>/<principal>/<key>`: for a key that another principal of the tenant has used before. */
  readonly own: string
}

/** Two keys of a principal never get the same id. Two principals with the same key differ in `own`. */
export function workflowIds(
  agent: string,
  tenant: string,
  principal: string,
  key: string | null,
  runId: RunId,
): WorkflowIds {
  const place = `${agent}/${tenant}`
  if (key === null) return { usual: `${place}/${runId}`, own: `${place}/${runId}` }
  return { usual: `${place}/${part(key)}`, own: `${place}/${part(principal)}/${part(key)}` }
}

function part(name: string): string {
  if (READABLE.test(name) && !TAKEN.test(name)) return name
  return `key-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}
