import type { Run } from '../../client/index.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { sayJson } from '../output.ts'

/**
 * What a run waits for that this conversation does not give it; null where it goes on by itself, or by an answer that is yet to come.
 *
 * @param left the approvals that this conversation leaves open; all where it is not given
 */
export function describeWait(
  { id, status, required_action: action }: Pick<Run, 'id' | 'status' | 'required_action'>,
  left?: ReadonlySet<string>,
): string | null {
  if (status !== 'requires_action' || action === undefined) return null
  if (action.type === 'budget') return `Run ${id} waits for more budget`
  if (left !== undefined && !action.approvals.every((approval) => left.has(approval))) return null
  return `Run ${id} waits for a decision on ${action.approvals.join(', ')}`
}

/** The end of a conversation without a person: nobody knows when the run goes on. */
export function endWaiting(run: Run, what: string, { json }: { readonly json: boolean }): CommandError {
  if (json) sayJson(run)
  const thread = run.thread_id === undefined ? '' : `, then talk on with --thread ${run.thread_id}`
  return new CommandError(`${what}. Follow it with "holdfast runs tail ${run.id}"${thread}.`, EXIT.waits)
}
